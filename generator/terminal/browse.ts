/** The view that everything begins with: the sections, the values of one, and what is known of the one that is chosen. */
import type { Section, Value } from '../editor/values.ts';
import { equal, type Path } from '../model/json.ts';
import { type Browsing, drawBrowse } from './browse-lines.ts';
import { makeBuffer } from './buffer.ts';
import type { Key } from './keys.ts';
import { showFindings, showHelp, showParts, showPlaces, showPreview } from './lists.ts';
import { inWords, shortName } from './value-text.ts';
import type { App, View } from './view.ts';

/** The view, which can also be told to show a value. */
export interface Browse extends View {
  select(path: Path): void;
}

/** The keys, and what they do. */
const browseKeys: readonly (readonly [key: string, does: string])[] = [
  ['Enter', 'edit'],
  ['s', 'save'],
  ['?', 'help'],
  ['q', 'quit'],
  ['/', 'search'],
  ['e', 'environment'],
  ['p', 'preview'],
  ['c', 'parts'],
  ['u', 'undo'],
  ['f', 'findings'],
  ['d', 'default'],
];

/** Makes the view. */
export function browse(app: App): Browse {
  const state: Browsing = {
    focus: 'sections',
    section: 0,
    value: 0,
    first: { sections: 0, values: 0 },
    query: undefined,
    isOnlySet: false,
  };
  const search = { buffer: makeBuffer('', { isLine: true }) };
  const values = () => shownValues(app, state);
  const stopSearch = () => {
    const found = values()[state.value];
    state.query = undefined;
    state.focus = 'values';
    if (found !== undefined) select(found.path);
  };
  const select = (path: Path) => {
    const sections = app.sections();
    const isIn = ({ path: at }: Section) => at.every((part, index) => path[index] === part);
    const section = sections.findIndex(isIn);
    if (section === -1) return;
    Object.assign(state, { section, query: undefined, focus: 'values', isOnlySet: false });
    state.value = Math.max(0, nearest(values(), path));
  };
  const press = async (key: Key): Promise<void> => {
    if (state.focus === 'search') return pressInSearch(key);
    if (key.name === 'escape' && state.query !== undefined) return stopSearch();
    if (key.name === '/') {
      search.buffer = makeBuffer('', { isLine: true });
      Object.assign(state, { focus: 'search', query: '', value: 0 });
      return;
    }
    if (move(key)) return;
    await act(app, state, key, values()[state.value]);
  };
  const pressInSearch = (key: Key) => {
    if (key.name === 'escape') return stopSearch();
    if (key.name === 'enter') state.focus = 'values';
    else if (key.name === 'down' || key.name === 'up') {
      const step = key.name === 'down' ? 1 : -1;
      state.value = Math.max(0, Math.min(values().length - 1, state.value + step));
    } else if (search.buffer.press(key)) {
      state.query = search.buffer.text();
      state.value = 0;
    }
  };
  const move = ({ name }: Key): boolean => {
    const isInValues = state.focus === 'values' || state.query !== undefined;
    const count = isInValues ? values().length : app.sections().length;
    const steps: { readonly [key: string]: number } = {
      up: -1,
      k: -1,
      down: 1,
      j: 1,
      'page-up': -10,
      'ctrl-u': -10,
      'page-down': 10,
      'ctrl-d': 10,
      home: -count,
      g: -count,
      end: count,
      G: count,
    };
    const step = steps[name];
    if (step === undefined) return false;
    const to = (at: number) => Math.max(0, Math.min(count - 1, at + step));
    if (isInValues) state.value = to(state.value);
    else {
      state.section = to(state.section);
      state.value = 0;
    }
    return true;
  };
  return {
    keys: () =>
      state.focus === 'search'
        ? [
            ['Enter', 'to what is found'],
            ['Esc', 'end the search'],
            ['↑ ↓', 'choose'],
          ]
        : browseKeys,
    draw: (size) => drawBrowse(app, state, { values: values(), search: search.buffer }, size),
    press,
    select,
  };
}

/** What a key does with the chosen value, or with everything. */
async function act(app: App, state: Browsing, { name, text }: Key, value: Value | undefined): Promise<void> {
  const { session, at } = app;
  const isInSections = state.focus === 'sections' && state.query === undefined;
  const toValues = () => {
    state.focus = 'values';
  };
  const toSections = () => {
    state.focus = 'sections';
  };
  const actions: { readonly [key: string]: () => unknown } = {
    tab: isInSections ? toValues : toSections,
    right: toValues,
    l: toValues,
    left: toSections,
    h: toSections,
    escape: toSections,
    enter: () => (isInSections ? toValues() : value === undefined ? undefined : app.edit(value)),
    d: async () => {
      if (isInSections || value === undefined) return app.say('choose a value first: Tab');
      if (!isSetHere(app, value)) return app.say(`${shortName(value.path)} is not set here`);
      app.tell(
        await session.unset([value.path], at),
        `${shortName(value.path)} is as the default says again`,
      );
    },
    o: () => {
      state.isOnlySet = !state.isOnlySet;
      state.value = 0;
    },
    c: () => showParts(app),
    e: () => showPlaces(app),
    f: () => showFindings(app),
    p: () => showPreview(app),
    t: () => app.openText(isInSections ? undefined : value?.position?.line),
    u: () => move(app, 'undo'),
    r: () => move(app, 'redo'),
    'ctrl-r': () => move(app, 'redo'),
    U: () => move(app, 'redo'),
    s: () => app.save(),
    'ctrl-s': () => app.save(),
    '?': () => showHelp(app),
    q: () => app.leave(),
  };
  const action = text === ' ' ? actions.enter : actions[name];
  await action?.();
}

async function move(app: App, way: 'undo' | 'redo'): Promise<void> {
  const moved = await app.session[way]();
  if (moved === false) return app.say(`there is nothing to ${way}`);
  if (moved.at !== app.at) app.show(moved.at);
  app.say(way === 'undo' ? 'taken back' : 'done again');
}

/** Whether the file of the place that is shown sets a value. */
function isSetHere({ at }: App, { origin }: Value): boolean {
  return origin === (at === undefined ? 'resource' : 'environment');
}

function shownValues(app: App, { section, query, isOnlySet }: Browsing): readonly Value[] {
  const sections = app.sections();
  const all =
    query === undefined ? (sections[section]?.values ?? []) : sections.flatMap(({ values }) => values);
  const shown = all.filter((value) => !isOnlySet || isSetHere(app, value));
  return query === undefined ? shown : found(shown, query);
}

/** The values that have all of these words: in their names or titles first, then in their texts. */
export function found(values: readonly Value[], query: string): Value[] {
  const needles = query.toLowerCase().split(' ').filter(Boolean);
  const has = (text: string) => needles.every((needle) => text.toLowerCase().includes(needle));
  const isNamed = ({ name, title = '' }: Value) => has(`${name} ${title}`);
  const isTold = ({ name, title = '', description = '', value }: Value) =>
    has(`${name} ${title} ${description} ${value === undefined ? '' : inWords(value)}`);
  return [...values.filter(isNamed), ...values.filter((value) => !isNamed(value) && isTold(value))];
}

/** The number of a value, or of the one that it is in. */
function nearest(values: readonly Value[], path: Path): number {
  const around = values
    .map((value, index) => ({ index, at: value.path }))
    .filter(({ at }) => equal([...at], [...path.slice(0, at.length)]));
  return around.sort((a, b) => b.at.length - a.at.length)[0]?.index ?? -1;
}
