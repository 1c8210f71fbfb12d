/** How sections and values are drawn: beside each other where there is room, else one of them. */
import type { Section, Value } from '../editor/values.ts';
import { type Finding, hasErrors } from '../model/finding.ts';
import type { Buffer } from './buffer.ts';
import { firstShown, fitted, type Line, padded, piece, widthOf, wrappedText } from './cells.ts';
import type { Size } from './screen.ts';
import { aboutValue, inWords, shortName } from './value-text.ts';
import { type App, type Drawn, findingWords } from './view.ts';

/** The fewest columns on which both lists have room. */
const bothFrom = 64;

/** What the view shows of all that there is. */
export interface Browsing {
  /** Where the keys go: to the sections, to the values, or to what is searched for. */
  focus: 'sections' | 'values' | 'search';
  section: number;
  value: number;
  /** The first that is shown of each list. */
  first: { sections: number; values: number };
  /** The words that are searched for; undefined where all values of a section are shown. */
  query: string | undefined;
  isOnlySet: boolean;
}

interface Shown {
  readonly values: readonly Value[];
  readonly search: Buffer;
}

/** Draws the sections, the values and what is known of the chosen one. */
export function drawBrowse(app: App, state: Browsing, { values, search }: Shown, size: Size): Drawn {
  const { columns, rows } = size;
  const isInValues = state.focus !== 'sections' || state.query !== undefined;
  const chosen = values[state.value];
  const about = aboutLines(app, state, isInValues ? chosen : undefined, columns);
  const shownAbout = about.slice(0, Math.max(2, Math.min(7, Math.floor(rows / 3))));
  const room = rows - shownAbout.length - 1;
  const head = searchLine(state, search, values.length, columns);
  const listRoom = room - head.lines.length;
  const rule: Line = [piece('─'.repeat(columns), 'dim')];
  const lists = columns >= bothFrom ? both(app, state, values, { columns, rows: listRoom }) : undefined;
  const one = isInValues
    ? valueLines(app, state, values, { columns, rows: listRoom })
    : sectionLines(app, state, state.section, { columns, rows: listRoom });
  const body = lists ?? one;
  const filled = Array.from({ length: listRoom }, (_, row) => body[row] ?? []);
  return {
    lines: [...head.lines, ...filled, rule, ...shownAbout],
    ...(head.column === undefined ? {} : { cursor: { row: 0, column: head.column } }),
  };
}

function searchLine(
  { query, focus, isOnlySet }: Browsing,
  search: Buffer,
  count: number,
  columns: number,
): { lines: Line[]; column?: number } {
  const only = isOnlySet ? 'only what is set here (o shows all)' : '';
  if (query === undefined) return { lines: only === '' ? [] : [[piece(` ${only}`, 'yellow')]] };
  const label = ' search: ';
  const found = `${count} found ${only}`;
  const width = Math.max(4, columns - label.length - found.length - 2);
  const { lines, column } = search.draw(width, 1);
  const text = lines[0]?.[0]?.text ?? '';
  return {
    lines: [[piece(label, 'cyan'), piece(padded(text, width)), piece(found, 'dim')]],
    ...(focus === 'search' ? { column: label.length + column } : {}),
  };
}

/** Both lists, with a line between them. */
function both(app: App, state: Browsing, values: readonly Value[], { columns, rows }: Size): Line[] {
  const left = Math.min(28, Math.floor(columns / 3));
  const path = values[state.value]?.path ?? [];
  const holding = app.sections().findIndex(({ path: at }) => at.every((part, index) => part === path[index]));
  const chosen = state.query === undefined ? state.section : holding;
  const sections = sectionLines(app, state, chosen, { columns: left, rows });
  const others = valueLines(app, state, values, { columns: columns - left - 2, rows });
  return Array.from({ length: rows }, (_, row): Line => {
    const [beginning, ...further] = fitted(others[row] ?? [], columns - left - 2);
    return [
      ...fitted(sections[row] ?? [], left),
      { ...piece('│ ', 'dim'), column: left },
      ...(beginning === undefined ? [] : [{ ...beginning, column: left + 2 }, ...further]),
    ];
  });
}

function sectionLines(app: App, state: Browsing, chosen: number, { columns, rows }: Size): Line[] {
  const sections = app.sections();
  state.first.sections = firstShown(Math.max(0, chosen), sections.length, rows, state.first.sections);
  const first = state.first.sections;
  return sections.slice(first, first + rows).map((section, index): Line => {
    const isChosen = first + index === chosen;
    const isFocused = isChosen && state.focus === 'sections' && state.query === undefined;
    const count = counts(section.findings);
    const width = columns - 3 - widthOf(count.text) - 1;
    const mark = isChosen ? '›' : ' ';
    const off = section.on === false ? ' (off)' : '';
    const name = padded(`${sectionTitle(section)}${off}`, width);
    if (isFocused) return [piece(`${` ${mark} ${name}`}${count.text} `, 'chosen')];
    return [
      piece(
        ` ${mark} ${name}`,
        ...(isChosen ? (['bold'] as const) : section.on === false ? (['dim'] as const) : []),
      ),
      piece(count.text, ...count.looks),
    ];
  });
}

/** What a section is called. */
export function sectionTitle({ path, title }: Section): string {
  return path.length === 1 ? 'Release' : title;
}

/** `2E 1W`: how many findings there are. */
function counts(findings: readonly Finding[]): { text: string; looks: ('red' | 'yellow' | 'bold')[] } {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const counts = [errors === 0 ? '' : `${errors}E`, warnings === 0 ? '' : `${warnings}W`].filter(Boolean);
  return { text: counts.join(' '), looks: errors > 0 ? ['red', 'bold'] : ['yellow'] };
}

const origins = {
  environment: 'set here',
  resource: 'shared',
  preset: 'topology',
  default: '',
  unset: '',
} as const;

function valueLines(app: App, state: Browsing, values: readonly Value[], { columns, rows }: Size): Line[] {
  if (values.length === 0) return [[piece(' there is none', 'dim')]];
  state.value = Math.max(0, Math.min(state.value, values.length - 1));
  state.first.values = firstShown(state.value, values.length, rows, state.first.values);
  const first = state.first.values;
  const shown = values.slice(first, first + rows);
  const names = shown.map((value) => nameIn(state, value));
  const nameWidth = Math.min(Math.floor(columns * 0.55), Math.max(8, ...names.map(widthOf)));
  const isFocused = state.focus === 'values' || state.query !== undefined;
  return shown.map((value, index): Line => {
    const isChosen = first + index === state.value && isFocused;
    const origin = value.origin === 'resource' && app.at === undefined ? 'set here' : origins[value.origin];
    const wrong = value.findings.length === 0 ? ' ' : hasErrors(value.findings) ? 'E' : 'W';
    const originWidth = columns < 40 ? 0 : 9;
    const width = columns - nameWidth - originWidth - 5;
    const [before, name] = [
      `${isChosen ? '›' : ' '}`,
      padded(tail(names[index] ?? '', nameWidth), nameWidth),
    ];
    const text = padded(valueWords(value), width);
    const end = originWidth === 0 ? '' : padded(` ${origin}`, originWidth);
    if (isChosen) return [piece(`${before}${wrong} ${name}  ${text}${end}`, 'chosen')];
    const isDim = value.origin === 'unset' || value.origin === 'default';
    return [
      piece(before),
      piece(`${wrong} `, ...(wrong === 'E' ? (['red', 'bold'] as const) : (['yellow'] as const))),
      piece(`${name}  `),
      piece(text, ...(isDim ? (['dim'] as const) : [])),
      piece(end, ...(origin === 'set here' ? (['cyan'] as const) : (['dim'] as const))),
    ];
  });
}

/** The name of a value in its section, or in full where values of all sections are listed. */
function nameIn({ query }: Browsing, { path }: Value): string {
  const name = shortName(path);
  const section = shortName(path.slice(0, path[0] === 'spec' ? 2 : 1));
  return query === undefined && name.startsWith(`${section}.`) ? name.slice(section.length + 1) : name;
}

/** The end of a name that is too long, since that is what differs. */
function tail(name: string, width: number): string {
  return name.length <= width ? name : `…${name.slice(name.length - width + 1)}`;
}

/** A value in a cell of the list. */
export function valueWords({ widget, value, secret }: Value): string {
  if (widget === 'secret') return secret === undefined ? '—' : `${secret.state}, ${secret.from}`;
  if (value === undefined) return '—';
  if (widget === 'switch') return value === true ? 'on' : 'off';
  if (Array.isArray(value) && value.some((each) => typeof each === 'object'))
    return `${value.length} item${value.length === 1 ? '' : 's'}`;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(inWords).join(', ');
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return 'none';
  return inWords(value);
}

/** What is known of the chosen value, or of the section. */
function aboutLines(app: App, state: Browsing, value: Value | undefined, columns: number): Line[] {
  const wrap = (text: string) => wrappedText(text, columns - 2);
  const findingLines = (findings: readonly Finding[]) =>
    findings.flatMap((each) =>
      wrap(findingWords(each)).map(
        (line): Line => [piece(` ${line}`, each.severity === 'error' ? 'red' : 'yellow')],
      ),
    );
  if (value === undefined) {
    const section = app.sections()[state.section];
    if (section === undefined) return [];
    const about = section.description.replaceAll('`', '');
    return [
      [piece(` ${sectionTitle(section)}`, 'bold')],
      ...findingLines(section.findings.slice(0, 2)),
      ...wrap(about).map((line): Line => [piece(` ${line}`)]),
    ];
  }
  const { title = '', path, position, findings } = value;
  const where = position === undefined ? '' : `  ${position.file}:${position.line}`;
  return [
    [piece(` ${title} · ${shortName(path)}`, 'bold'), piece(where, 'dim')],
    ...findingLines(findings),
    ...wrap(aboutValue(value).join(' · ')).map((line): Line => [piece(` ${line}`)]),
  ];
}
