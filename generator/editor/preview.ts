/** What a session would change: lines of files, and fields of objects. */
import { structuredPatch } from 'diff';
import { shownLines } from '../config/mask-yaml.ts';
import { printable } from '../model/characters.ts';
import { Failure, hasErrors } from '../model/finding.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Validated } from '../objects/build.ts';
import type { Tree } from '../tree/disk.ts';
import { readText } from '../tree/disk.ts';
import { overridesOf } from '../tree/environment-images.ts';
import { type ImageOverride, withImages } from '../tree/images.ts';
import { environmentFolder, kustomizationFile } from '../tree/layout.ts';
import { diffObjects, generated, type ObjectDiff } from '../tree/overlay-diff.ts';
import type { Checked } from './check.ts';
import type { EditedFile } from './files.ts';

/** What differs in a file. */
export interface FileDiff {
  /** Its path as findings name it. */
  readonly file: string;
  /** A unified diff; what is secret in it is hidden. */
  readonly diff: string;
}

/** What differs in what is deployed. */
export interface DeploymentDiff {
  /** None for the resource alone, where it has no environments. */
  readonly environment?: string;
  readonly objects: readonly ObjectDiff[];
  /** Whether it has errors, so that nothing is made of it. */
  readonly isBroken: boolean;
}

/** What a session would change. */
export interface Preview {
  readonly files: readonly FileDiff[];
  /** Those that differ. */
  readonly deployments: readonly DeploymentDiff[];
}

/** Compares; remembers the objects of what was compared before. */
export type Previewer = (files: readonly EditedFile[], saved: Checked, now: Checked) => Preview;

/** Makes a previewer. */
export function makePreviewer(tree: Tree): Previewer {
  const imagesOf = makeImages(tree);
  const linesOf = makeLines();
  const made = new WeakMap<Validated, KubernetesObject[] | undefined>();
  const objectsOf = (name: string | undefined, validated: Validated | undefined) => {
    if (validated === undefined) return undefined;
    if (!made.has(validated)) made.set(validated, objectsIn(validated, imagesOf(name)));
    return made.get(validated);
  };
  return (files, saved, now) => {
    const names = files.length === 1 ? [undefined] : files.slice(1).map(({ environment }) => environment);
    const deployments = names.flatMap((name): DeploymentDiff[] => {
      const [a, b] = [saved.of.get(name), now.of.get(name)];
      if (a === b) return [];
      const objects = objectsOf(name, b);
      const diff = objects === undefined ? [] : diffObjects(objectsOf(name, a) ?? [], objects);
      if (diff.length === 0 && objects !== undefined) return [];
      const environment = name === undefined ? {} : { environment: name };
      return [{ ...environment, objects: diff, isBroken: objects === undefined }];
    });
    const changed = files.filter(({ saved: before, text }) => before !== text);
    return { files: changed.map((file) => fileDiff(file, tree, linesOf)), deployments };
  };
}

function objectsIn(
  { config, findings }: Validated,
  overrides: readonly ImageOverride[],
): KubernetesObject[] | undefined {
  if (config === undefined || hasErrors(findings)) return undefined;
  return withImages(generated(config), overrides);
}

/** The `images` of environments' kustomizations, read anew where those changed. */
function makeImages(tree: Tree): (environment: string | undefined) => readonly ImageOverride[] {
  const known = new Map<string, { text: string; overrides: readonly ImageOverride[] }>();
  return (environment) => {
    if (environment === undefined) return [];
    const file = `${environmentFolder(environment)}/${kustomizationFile}`;
    const text = readText(tree, file) ?? '';
    const before = known.get(environment);
    const overrides = before?.text === text ? before.overrides : overridesIn(text, tree.show(file));
    known.set(environment, { text, overrides });
    return overrides;
  };
}

/** None of a kustomization that cannot be read: saving says so. */
function overridesIn(text: string, file: string): readonly ImageOverride[] {
  try {
    return text === '' ? [] : overridesOf(text, file);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [];
  }
}

/** Masked lines; those of what is on disk are asked for again and again. */
function makeLines(): typeof shownLines {
  const known = new Map<string, string[]>();
  return (text, file) => {
    const lines = known.get(text) ?? shownLines(text, file);
    known.delete(text);
    known.set(text, lines);
    for (const [oldest] of known) if (known.size > 8) known.delete(oldest);
    return lines;
  };
}

/** A unified diff whose lines are those of the masked texts. */
function fileDiff(
  { file, shown, saved = '', text }: EditedFile,
  tree: Tree,
  linesOf: typeof shownLines,
): FileDiff {
  const [old, now] = [saved, text].map((each) => linesOf(each, shown)) as [string[], string[]];
  const { hunks } = structuredPatch(file, file, saved, text, undefined, undefined, { context: 3 });
  const lines = [`--- ${shown}`, `+++ ${shown}`];
  for (const { oldStart, oldLines, newStart, newLines, lines: raw } of hunks) {
    lines.push(`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`);
    let [a, b] = [Math.max(oldStart, 1) - 1, Math.max(newStart, 1) - 1];
    for (const line of raw) {
      const [mark = ''] = line;
      if (mark === '\\') lines.push(line);
      else if (mark === '-') lines.push(`-${old[a++]}`);
      else {
        lines.push(`${mark}${now[b++]}`);
        if (mark === ' ') a += 1;
      }
    }
  }
  return {
    file: tree.show(file),
    diff: `${lines.map((line) => printable(line.replace(/\r$/, ''))).join('\n')}\n`,
  };
}
