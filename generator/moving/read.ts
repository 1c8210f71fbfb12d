/** Reads what is named on a command line: files of values in helm's order of precedence, and the assignments of options. */
import path from 'node:path';
import { Failure, type Finding, failure } from '../model/finding.ts';
import type { JsonObject } from '../model/json.ts';
import { readFile, whyUnreadable } from '../model/read-file.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { mergeFiles, placeChanges } from './merge.ts';
import { Places, type Values } from './places.ts';
import { applySet, SetError } from './set-strings.ts';
import { readValues } from './values-file.ts';

/** Files and assignments, each kind in the order of the command line; the last one wins. */
export interface Given {
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly setString: readonly string[];
}

/**
 * Reads the files, and lays them and then the assignments over each other, `--set` before `--set-string` as helm does it.
 *
 * @param below values that all others are laid over
 * @throws Failure with all that is wrong with any of them
 */
export function readGiven({ files, set, setString }: Given, cwd: string, below?: Values): Values {
  const findings: Finding[] = [];
  const read = files.flatMap((file) => {
    try {
      const { values, findings: found } = readValues(textOf(file, cwd), file);
      findings.push(...found);
      return values === undefined ? [] : [values];
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      findings.push(...error.findings);
      return [];
    }
  });
  const { value, places } = mergeFiles(below === undefined ? read : [below, ...read]);
  let values = value;
  for (const [option, assignments] of [
    ['--set', set],
    ['--set-string', setString],
  ] as const)
    for (const [index, text] of assignments.entries()) {
      const position = { file: option, line: index + 1, col: 1 };
      try {
        const after = applySet(values, text, option === '--set-string');
        placeChanges(values, after, places, position);
        values = after;
      } catch (error) {
        if (!(error instanceof SetError)) throw error;
        findings.push({
          code: 'wrong-assignment',
          severity: 'error',
          path: [],
          message: error.message,
          hint: 'write it as for helm: a.b=c, a[0].b=c or a={b,c}, several with commas, a "\\" before a character that is meant as it is',
          position: { ...position, col: error.at + 1 },
        });
      }
    }
  if (findings.length > 0) throw new Failure(findings);
  return { value: values, places };
}

/** The values that Helm remembers of a release, as if they stood in a file: on the lines of `helm get values -o yaml`. */
export function valuesOfRelease(value: JsonObject, release: string): Values {
  const file = `release ${release}`;
  const { values } = readValues(writeYaml(value, { keyOrder: [], flushLists: true }), file);
  return values ?? { value, places: new Places() };
}

/** The text of a file. */
export function textOf(file: string, cwd: string): string {
  try {
    const bytes = readFile(path.resolve(cwd, file));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw failure('unreadable', `${file} ${whyUnreadable(error)}`, 'name a file of values');
  }
}
