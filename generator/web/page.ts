/** A session as the page shows it, and what the page asks of it. Nothing that is handed out is secret. */
import { parseValue } from '../config/assignment.ts';
import { findValue } from '../config/explain.ts';
import { schema } from '../config/load.ts';
import { hidden } from '../config/mask.ts';
import { childNode, isOptional, type SchemaNode } from '../config/schema/node.ts';
import type { At } from '../editor/files.ts';
import type { Preview } from '../editor/preview.ts';
import type { SecretOptions, Session } from '../editor/session.ts';
import type { Section, Value } from '../editor/values.ts';
import type { Changed } from '../editor/work.ts';
import { svg } from '../graph/svg.ts';
import { trafficOf } from '../graph/traffic.ts';
import { Failure, type Finding, hasErrors } from '../model/finding.ts';
import { equal, formatPath, type Json, type Path } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import type {
  PageAction,
  PageAnswer,
  PageFinding,
  PageObject,
  PagePart,
  PageState,
  PageValue,
} from './state.ts';

/** What a server serves. */
export interface Page {
  /** Counts the changes, whichever tab made them. */
  readonly version: number;
  state(at: At): Promise<PageState>;
  act(at: At, action: PageAction): Promise<PageAnswer>;
  /** Calls back after each change. */
  onChange(tell: () => void): void;
}

/** What came of an action. */
interface Outcome {
  readonly done?: string;
  readonly refused?: readonly Finding[];
  readonly at?: At;
}

/**
 * Makes a page of a session.
 *
 * @param folder the folder of the resource, as messages name it
 */
export function openPage(session: Session, folder: string, secrets: SecretOptions): Page {
  let version = 0;
  const listeners: (() => void)[] = [];
  const known = (at: At): At => (at !== undefined && session.environments().includes(at) ? at : undefined);
  return {
    get version() {
      return version;
    },
    state: (at) => stateOf(session, known(at), { folder, version }),
    async act(at, action) {
      const place = known(at);
      const { done, refused, ...moved } = await outcomeOf(session, place, action, secrets);
      version += 1;
      for (const tell of listeners) tell();
      const shown = 'at' in moved ? moved.at : place;
      const state = await stateOf(session, shown, { folder, version });
      const told = (findings: readonly Finding[]) => {
        const values = session.sections(shown).flatMap((section) => section.values);
        return findings.map((each) => pageFinding(each, values));
      };
      return {
        state,
        ...(done === undefined ? {} : { done }),
        ...(refused === undefined || refused.length === 0 ? {} : { refused: told(refused) }),
        ...('at' in moved ? { place: moved.at ?? '' } : {}),
      };
    },
    onChange: (tell) => {
      listeners.push(tell);
    },
  };
}

async function outcomeOf(
  session: Session,
  at: At,
  action: PageAction,
  secrets: SecretOptions,
): Promise<Outcome> {
  try {
    return await run(session, at, action, secrets);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { done: 'That was not done', refused: error.findings };
  }
}

async function run(session: Session, at: At, action: PageAction, secrets: SecretOptions): Promise<Outcome> {
  switch (action.what) {
    case 'set': {
      const { path, nodes } = findValue(action.name);
      if (isStale(session, at, path, action.was)) return stale(path);
      return changed(
        await session.set([{ path, value: parseValue(action.name, path, nodes.at(-1), action.text) }], at),
      );
    }
    case 'unset': {
      const { path } = findValue(action.name);
      return isStale(session, at, path, action.was) ? stale(path) : changed(await session.unset([path], at));
    }
    case 'toggle':
      return changed(await session.toggle(action.section, action.on, at));
    case 'rewrite':
      return changed(await session.setText(action.text, at));
    case 'undo':
    case 'redo': {
      const moved = await session[action.what]();
      return moved === false ? {} : { at: moved.at };
    }
    case 'resolve':
      await session.resolve(action.keep, at);
      return {};
    case 'secret': {
      if (at === undefined)
        return stale(findValue(action.name).path, 'choose an environment: each has its own values');
      const { path } = findValue(action.name);
      const { key, notes, findings } = await session.putSecret(path, action.text, at, secrets);
      return { done: [`${key} is written`, ...notes].join('; '), refused: findings };
    }
    case 'save': {
      const { isSaved, changes, findings } = await session.save(action.force === true ? { force: true } : {});
      if (!isSaved) return { done: 'Nothing was saved', refused: findings };
      const files = `${changes.length} file${changes.length === 1 ? '' : 's'}`;
      return { done: `Saved: ${files} written`, refused: findings };
    }
  }
}

function changed({ refused }: Changed): Outcome {
  return refused.length === 0 ? {} : { done: 'That cannot be set', refused };
}

/** Whether another tab has changed what this one saw. */
function isStale(session: Session, at: At, path: Path, was: Json | undefined): boolean {
  return was !== undefined && !equal(session.value(path, at)?.value, was);
}

function stale(path: Path, hint = 'it is shown as it is now: change it again if you still mean to'): Outcome {
  const message = 'the value was changed elsewhere meanwhile, or has no place here';
  return {
    done: 'That was not set',
    refused: [{ code: 'changed-meanwhile', severity: 'error', path, message, hint }],
  };
}

async function stateOf(
  session: Session,
  at: At,
  { folder, version }: Pick<PageState, 'folder' | 'version'>,
): Promise<PageState> {
  const { conflicts } = await session.refresh();
  const loaded = session.loaded(at);
  const sections = session.sections(at);
  const values = sections.flatMap((section) => section.values);
  const { files, deployments } = session.preview();
  const { config } = loaded;
  const own = loaded.sources[0];
  return {
    version,
    release: config?.metadata.name ?? 'glyphoxa',
    folder,
    environments: session.environments(),
    ...(at === undefined ? {} : { place: at }),
    file: own?.file ?? '',
    sections: sections.map(({ path, title, description }) => ({
      name: sectionName(path),
      title: path.length === 1 ? 'Release' : title,
      description,
    })),
    values: withShared(values.map(pageValue), at === undefined ? undefined : session.sections()),
    parts: (await session.parts(at)).map((part): PagePart => {
      const { name, title, on, brings, needs } = part;
      return {
        section: name,
        title,
        isOn: on,
        brings,
        needs: needs.map((each) => pageFinding(each, values)),
      };
    }),
    findings: session.findings().map((each) => pageFinding(each, values)),
    conflicts: conflicts.map((each) => pageFinding(each, values)),
    ...(own?.value === undefined ? { text: session.text(at) } : {}),
    isChanged: session.changedFiles().length > 0,
    canUndo: session.canUndo(),
    canRedo: session.canRedo(),
    texts: files,
    objects: objectsIn(deployments),
    ...(config !== undefined && !hasErrors(loaded.findings) ? { picture: svg(trafficOf(config)) } : {}),
  };
}

/** The changes of objects, each once with the environments that it is in. */
function objectsIn(deployments: Preview['deployments']): PageObject[] {
  const found = new Map<string, PageObject>();
  for (const { environment, objects } of deployments)
    for (const { object, what, fields } of objects) {
      const shown = fields.map(({ path, before, after }) => ({
        name: formatPath(path),
        ...(before === undefined ? {} : { before: writeYaml(before).trimEnd() }),
        ...(after === undefined ? {} : { after: writeYaml(after).trimEnd() }),
      }));
      const key = JSON.stringify([object, what, shown]);
      const environments = [
        ...(found.get(key)?.environments ?? []),
        ...(environment === undefined ? [] : [environment]),
      ];
      found.set(key, { environments, object, what, fields: shown });
    }
  return [...found.values()];
}

function sectionName(path: Path): string {
  return String(path[0] === 'spec' ? (path[1] ?? 'spec') : (path[0] ?? ''));
}

function pageValue({
  path,
  title,
  description = '',
  widget,
  value,
  name: _,
  findings: __,
  position: ___,
  ...rest
}: Value): PageValue {
  const isText = widget === 'list' || widget === 'map' || widget === 'free';
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return {
    ...rest,
    name: shortName(path),
    section: sectionName(path),
    title: title ?? String(path.at(-1)),
    description: description.replaceAll('`', ''),
    widget,
    ...(value === undefined ? {} : { value }),
    ...(isText && value !== undefined && !isEmpty ? { yaml: writeYaml(value).trimEnd() } : {}),
    isMasked: value !== undefined && JSON.stringify(value).includes(hidden),
    optional: isOptionalAt(path),
  };
}

/** The values of an environment, with what all share where that differs: set there, or by what is set there. */
function withShared(
  values: readonly PageValue[],
  shared: readonly Section[] | undefined,
): readonly PageValue[] {
  if (shared === undefined) return values;
  const present = new Map(
    shared.flatMap((section) => section.values).map(({ path, value }) => [shortName(path), value]),
  );
  return values.map((value) => {
    const other = present.get(value.name);
    if (value.widget === 'secret' || equal(value.value, other)) return value;
    return { ...value, shared: other === undefined ? '' : writeYaml(other).trimEnd() };
  });
}

function isOptionalAt(path: Path): boolean {
  let parent: SchemaNode = schema;
  for (const part of path.slice(0, -1)) parent = childNode(parent, part) ?? {};
  const key = path.at(-1);
  return typeof key === 'number' || isOptional(parent, String(key));
}

function shortName(path: Path): string {
  return formatPath(path[0] === 'spec' ? path.slice(1) : path);
}

function pageFinding(
  { severity, code, message, hint, details, path, position, environments }: Finding,
  values: readonly Value[],
): PageFinding {
  const around = values.filter((value) => equal([...path.slice(0, value.path.length)], [...value.path]));
  const found = around.sort((a, b) => b.path.length - a.path.length)[0];
  const section = sectionName(path);
  return {
    severity,
    code,
    message,
    hint,
    ...(details === undefined ? {} : { details }),
    name: shortName(path),
    ...(position === undefined ? {} : { where: `${position.file}:${position.line}:${position.col}` }),
    ...(section === '' ? {} : { section }),
    ...(found === undefined ? {} : { value: shortName(found.path) }),
    environments: environments ?? [],
  };
}
