/**
 * Keeps what is hidden hidden. What of a file is secret follows from the names around it, and a model can change names: so an
 * edit after which anything is to be seen that was hidden before is taken back.
 */

import { schema } from '../config/load.ts';
import { maskedValue, withoutTexts } from '../config/mask.ts';
import { hiddenTexts, shownLines } from '../config/mask-yaml.ts';
import type { At } from '../editor/files.ts';
import type { Session } from '../editor/session.ts';
import type { Changed } from '../editor/work.ts';
import type { Finding } from '../model/finding.ts';
import { dig, isObject, type Json, type JsonObject, setKey } from '../model/json.ts';
import { readYaml } from '../model/yaml.ts';

/** What is shorter is no secret, and stands in many texts by chance. */
const shortestSecret = 4;

/** The hidden texts of a session, and how they stay so. */
export interface Veil {
  /** Makes an edit, and takes it back where it would show anything. */
  guard(edit: () => Promise<Changed>): Promise<Changed>;
  /** A value without any text that was ever hidden. */
  over<T extends Json>(value: T): T;
}

/** Makes the veil of a session. */
export function makeVeil(session: Session): Veil {
  let known = new Set<string>();
  let learnt: string | undefined;
  const learn = () => {
    const texts = [...session.texts().values()].join('\0');
    if (texts === learnt) return;
    learnt = texts;
    known = new Set([...known, ...hiddenIn(session)]);
    if (known.size === 0) return;
    const visible = visibleTexts(session);
    // What stands elsewhere for all to see, such as a user's name that is a password too, is kept from nobody.
    known = new Set([...known].filter((text) => !visible.includes(text)));
  };
  return {
    async guard(edit) {
      learn();
      const options = publicOptions(session);
      const changed = await edit();
      if (!changed.isDone) return changed;
      const visible = known.size > 0 ? visibleTexts(session) : '';
      const isDeclared = [...publicOptions(session)].some((option) => !options.has(option));
      if (!isDeclared && ![...known].some((text) => visible.includes(text))) return changed;
      await session.undo();
      return { isDone: false, made: [], refused: [wouldShow(isDeclared)] };
    },
    over: (value) => {
      learn();
      return (known.size === 0 ? value : covered(value, known)) as typeof value;
    },
  };
}

function wouldShow(isDeclared: boolean): Finding {
  return {
    code: 'would-show-secret',
    severity: 'error',
    path: isDeclared ? ['spec', 'secrets', 'publicOptions'] : [],
    message: isDeclared
      ? 'which options are no secrets is for people to say'
      : 'after this, something that is hidden would be shown',
    hint: 'ask the user to make this change in an editor',
  };
}

/** The hidden texts of files that can be read; of others every value is hidden. */
function hiddenIn(session: Session): string[] {
  return [...session.texts()].flatMap(([file, text]) =>
    readYaml(text, file).value === undefined
      ? []
      : hiddenTexts(text, file)
          .flat()
          .map(unquoted)
          .filter((secret) => secret.length >= shortestSecret),
  );
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}

/** All that can be seen of a session, as one text. */
function visibleTexts(session: Session): string {
  const places: At[] = [undefined, ...session.environments()];
  const values = places.map((at) => {
    const { config, merged } = session.loaded(at);
    return maskedValue((config ?? merged) as unknown as Json, schema, config?.spec.secrets.publicOptions);
  });
  const lines = [...session.texts()].flatMap(([file, text]) => shownLines(text, file));
  return [lines.join('\n'), ...texts(values), ...texts(session.preview() as unknown as Json)].join('\n');
}

function texts(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isObject(value) ? Object.entries(value).flatMap(([key, item]) => [key, ...texts(item)]) : [];
}

/** The options that are said to be no secrets, in any of the files. */
function publicOptions(session: Session): Set<string> {
  const places: At[] = [undefined, ...session.environments()];
  return new Set(
    places.flatMap((at) => {
      const listed = dig(session.loaded(at).merged, ['spec', 'secrets', 'publicOptions']);
      return Array.isArray(listed) ? listed.map(String) : [];
    }),
  );
}

function covered(value: Json, secrets: ReadonlySet<string>): Json {
  if (typeof value === 'string') return withoutTexts(value, secrets);
  if (Array.isArray(value)) return value.map((item) => covered(item, secrets));
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value))
    setKey(result, withoutTexts(key, secrets), covered(item, secrets));
  return result;
}
