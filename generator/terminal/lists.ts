/** The lists that a key opens: findings, parts, places, what changes, and the keys. */
import { type Finding, whoseWords } from '../model/finding.ts';
import { formatPath, type Json, type Path } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { type Line, type Look, piece, wrappedText } from './cells.ts';
import { openMenu } from './menu.ts';
import { openPager } from './pager.ts';
import { shortName } from './value-text.ts';
import { type App, findingWords, placeWords } from './view.ts';

/** All findings; each leads to its value, or to its line where the file cannot be read. */
export function showFindings(app: App): void {
  openMenu(app, {
    title: 'Findings',
    items: () =>
      app.session.findings().map((finding) => ({
        label: `${finding.severity === 'error' ? 'E' : 'W'} ${shortName(finding.path)}: ${finding.message}`,
        looks: [finding.severity === 'error' ? 'red' : 'yellow'] as Look[],
        about: [
          `${whereWords(finding)}${findingWords(finding)}${whoseWords(finding)}`,
          ...(finding.details ?? []),
        ],
        choose: () => goToFinding(app, finding),
      })),
  });
}

function whereWords({ position }: Finding): string {
  return position === undefined ? '' : `${position.file}:${position.line}:${position.col}: `;
}

/** Shows what a finding is about, in the place that it came from. */
function goToFinding(app: App, { path, position, environments }: Finding): void {
  const { session } = app;
  const places = [undefined, ...session.environments()];
  const ofFile = places.find((each) => session.loaded(each).sources[0]?.file === position?.file);
  const named = environments?.[0];
  const isHere = environments === undefined || environments.includes(app.at ?? '');
  const place = position !== undefined ? ofFile : isHere ? app.at : named;
  if (place !== app.at) app.show(place);
  const isRead = session.loaded(place).sources[0]?.value !== undefined;
  if (isRead && path.length > 0 && session.value(path, place) !== undefined) app.goTo(path);
  else if (isRead && path.length > 1 && session.value(path.slice(0, -1), place) !== undefined)
    app.goTo(path.slice(0, -1));
  else if (isRead || place === app.at) app.openText(position?.line);
}

/** The optional parts, to be switched. */
export async function showParts(app: App): Promise<void> {
  let parts = await app.session.parts(app.at);
  openMenu(app, {
    title: `Parts of ${placeWords(app.at)}`,
    stays: true,
    items: () =>
      parts.map(({ name, title, description, on, brings, needs }) => ({
        label: `[${on ? 'x' : ' '}] ${title}`,
        about: [
          description.replaceAll('`', ''),
          ...(brings.length === 0 ? [] : [`brings ${brings.join(', ')}`]),
          ...needs.map(({ path, message }) => `needs ${shortName(path)}: ${message}`),
        ],
        choose: async () => {
          const changed = await app.session.toggle(name, !on, app.at);
          app.tell(changed, `${title} is ${on ? 'off' : 'on'}; s saves, u takes it back`);
          parts = await app.session.parts(app.at);
        },
      })),
  });
}

/** What all environments share, and each of them, with the number of values that it sets. */
export function showPlaces(app: App): void {
  const { session } = app;
  const places = [undefined, ...session.environments()];
  openMenu(app, {
    title: 'What is edited',
    chosen: places.indexOf(app.at),
    items: places.map((at) => {
      const own = at === undefined ? 'resource' : 'environment';
      const values = session.sections(at).flatMap((section) => section.values);
      const set = values.filter(({ origin }) => origin === own);
      return {
        label: `${placeWords(at)}${at === app.at ? '  (now)' : ''}`,
        about: [
          `${session.loaded(at).sources[0]?.file ?? ''} sets ${set.length} value${set.length === 1 ? '' : 's'}: ${set
            .slice(0, 12)
            .map(({ path }) => shortName(path))
            .join(', ')}${set.length > 12 ? ', …' : ''}`,
        ],
        choose: () => app.show(at),
      };
    }),
  });
}

/** What saving changes: lines of files, and fields of objects. */
export function showPreview(app: App): void {
  const { files, deployments } = app.session.preview();
  const lines: Line[] = [];
  for (const { diff } of files) lines.push(...diff.trimEnd().split('\n').map(diffLine), []);
  for (const { environment, objects, isBroken } of deployments) {
    lines.push([piece(environment === undefined ? 'Objects' : `Objects of ${environment}`, 'bold')]);
    if (isBroken) lines.push([piece('  none are made, since there are errors', 'red')]);
    for (const { object, what, fields } of objects) {
      const look = ({ added: 'green', removed: 'red', changed: 'yellow' } as const)[what];
      lines.push([piece(`  ${what} `, look), piece(object)]);
      for (const { path, before, after } of fields)
        lines.push(...fieldLines(path, before, 'red', '-'), ...fieldLines(path, after, 'green', '+'));
    }
    lines.push([]);
  }
  const all = lines.length === 0 ? [[piece('Nothing is changed: what is shown is what is saved.')]] : lines;
  openPager(app, 'What saving changes', () => all.map((line): Line => [piece(' '), ...line]));
}

function fieldLines(path: Path, value: Json | undefined, look: Look, mark: string): Line[] {
  if (value === undefined) return [];
  const [first = '', ...further] = writeYaml(value).trimEnd().split('\n');
  const name = formatPath(path);
  if (further.length === 0) return [[piece(`    ${mark} ${name}: ${first}`, look)]];
  return [
    [piece(`    ${mark} ${name}:`, look)],
    ...[first, ...further].map((line): Line => [piece(`    ${mark}   ${line}`, look)]),
  ];
}

function diffLine(line: string): Line {
  if (line.startsWith('@@')) return [piece(line, 'cyan')];
  if (/^(?:---|\+\+\+) /.test(line)) return [piece(line, 'bold')];
  if (line.startsWith('+')) return [piece(line, 'green')];
  return line.startsWith('-') ? [piece(line, 'red')] : [piece(line)];
}

const help: readonly (readonly [keys: string, does: string])[] = [
  ['j k, ↓ ↑', 'one down, one up; PgDn PgUp ten; g G first and last'],
  ['Tab, h l, ← →', 'between the sections and the values of one'],
  ['Enter, Space', 'edits the value, each kind in its own way; a switch it turns'],
  ['d', 'takes the value out, so that its default counts, or what all share'],
  ['/', 'searches in names, titles, texts and values of all sections'],
  ['o', 'shows only what is set here: in an environment, what differs from what all share'],
  ['e', 'edits another environment, or what all share'],
  ['c', 'the parts: what each brings and needs, and switches them'],
  ['f', 'the findings; Enter goes to the value'],
  ['p', 'what saving changes in the files and in the objects'],
  ['t', 'the file as a text'],
  ['u, r', 'takes the last change back; does it again'],
  ['s', 'saves the files, and the tree where there is one'],
  ['q, Ctrl-C', 'leaves; asks where something is not saved'],
  ['Ctrl-L, Ctrl-Z', 'draws everything anew; back to the shell until fg'],
];

/** What the keys do. */
export function showHelp(app: App): void {
  const width = Math.max(...help.map(([keys]) => keys.length)) + 2;
  openPager(app, 'Keys', (columns) =>
    help.flatMap(([keys, does]) =>
      wrappedText(does, Math.max(12, columns - width - 2)).map(
        (line, index): Line => [piece(` ${(index === 0 ? keys : '').padEnd(width)}`, 'bold'), piece(line)],
      ),
    ),
  );
}
