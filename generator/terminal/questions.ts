/** What is asked before something is lost, and the file as a text. */
import { type Left, restore } from '../editor/recovery.ts';
import { type Finding, hasErrors } from '../model/finding.ts';
import { readYaml } from '../model/yaml.ts';
import { openArea } from './area.ts';
import { type Line, piece, wrappedText } from './cells.ts';
import { openMenu } from './menu.ts';
import { openPager } from './pager.ts';
import { type App, findingWords, placeWords, type View } from './view.ts';

/** The file of the present place as a text, to be mended or written by hand. */
export function openFile(app: App, line?: number): void {
  const { session, at } = app;
  const [source] = session.loaded(at).sources;
  const file = source?.file ?? '';
  const first = session.findings().find(({ position }) => position?.file === file)?.position;
  openArea(app, {
    title: file,
    about: 'The whole file, as a text.',
    text: session.text(at),
    cursor: { line: (line ?? first?.line ?? 1) - 1, column: (first?.col ?? 1) - 1 },
    check: async (text) => readYaml(text, file).findings,
    take: (text) => takeFile(app, file, text),
    draft: (text) => ({ ...(at === undefined ? {} : { at }), path: [], text }),
  });
}

/** Takes a text as the file; one that cannot be read stays open. */
async function takeFile(app: App, file: string, text: string): Promise<boolean> {
  app.tell(await app.session.setText(text, app.at), `${file} is read again`);
  if (app.session.loaded(app.at).sources[0]?.value !== undefined) return true;
  app.say('it still cannot be read; it is taken as it is, and Esc goes back', 'yellow');
  return false;
}

/** Saves; where that makes errors, asks. */
export async function save(app: App, force = false): Promise<boolean> {
  app.sayNow('saving…');
  const { isSaved, changes, findings, diff } = await app.session.save(force ? { force } : {});
  const [first] = findings;
  if (isSaved) {
    const count = `${changes.length} file${changes.length === 1 ? '' : 's'}`;
    app.say(first === undefined ? `saved: ${count} written` : `saved, but ${findingWords(first)}`);
    return true;
  }
  if (findings.some(({ code }) => code === 'changed-meanwhile')) return false;
  if (force || diff !== undefined || !hasErrors(app.session.findings())) {
    showRefusal(app, findings, diff);
    return false;
  }
  app.say('not saved', 'red');
  openMenu(app, {
    title: 'This makes errors',
    about: findings.map(findingWords),
    items: [
      { label: 'Go back and mend them', choose: () => {} },
      { label: 'Save it all the same', choose: async () => void (await save(app, true)) },
    ],
  });
  return false;
}

/** Why nothing was saved, and what was edited by hand in the tree, where that is in the way. */
function showRefusal(app: App, findings: readonly Finding[], diff = ''): void {
  app.say('not saved', 'red');
  openPager(app, 'Nothing was saved', (columns) => [
    ...findings.flatMap((each) =>
      wrappedText(findingWords(each), columns - 2).map((line): Line => [piece(` ${line}`, 'red')]),
    ),
    [],
    ...diff.split('\n').map((line): Line => [piece(` ${line}`)]),
  ]);
}

/** Leaves, and asks first where something is not saved. */
export function leave(app: App): void {
  const files = app.session.changedFiles();
  if (files.length === 0 || isAsking.has(app)) {
    app.end();
    return;
  }
  isAsking.add(app);
  openMenu(app, {
    title: 'Some changes are not saved',
    about: files,
    closed: () => isAsking.delete(app),
    items: [
      {
        label: 'Save them and leave',
        choose: async () => {
          if (await app.save()) app.end();
        },
      },
      { label: 'Leave, and keep them for the next time', choose: () => app.end() },
      { label: 'Leave, and throw them away', choose: () => app.end(true) },
      { label: 'Go on editing', choose: () => {} },
    ],
  });
}

/** Applications that ask whether to leave: asked again, they leave, and keep what there is. */
const isAsking = new WeakSet<App>();

/** Asks for each file that was changed here and on disk which of both counts. */
export function askAboutConflicts(app: App, views: readonly View[]): void {
  if (views.some((view) => asking.has(view))) return;
  const { session } = app;
  const file = session.conflicted()[0];
  if (file === undefined) return;
  const { at, findings } = file;
  const settle = (keep: 'ours' | 'theirs') => async () => {
    await session.resolve(keep, at);
    app.say(keep === 'ours' ? 'what is here counts; save writes it' : 'what is on disk counts');
  };
  const view = openMenu(app, {
    title: `${placeWords(at)}: changed on disk meanwhile. Which one counts?`,
    about: findings.flatMap((each) => [findingWords(each), ...(each.details ?? [])]),
    items: [
      { label: 'What is here', choose: settle('ours') },
      { label: 'What is on disk', choose: settle('theirs') },
    ],
  });
  asking.add(view);
}

const asking = new WeakSet<View>();

/** Offers what a session left that ended by itself. */
export function offer(app: App, left: Left): void {
  const when = new Date(left.when).toISOString().slice(0, 16).replace('T', ' ');
  openMenu(app, {
    title: `An earlier session ended on ${when} UTC without saving`,
    about: [
      ...left.files.map(({ file }) => `changed: ${file}`),
      ...left.lost.map((file) => `not kept, since a secret is in it: ${file}`),
      ...(left.draft === undefined ? [] : ['and a value that was being typed']),
    ],
    items: [
      { label: 'Take its changes up again', choose: () => takeUp(app, left) },
      { label: 'Leave them for the next time', choose: () => {} },
      { label: 'Throw them away', choose: () => left.forget() },
    ],
  });
}

async function takeUp(app: App, left: Left): Promise<void> {
  const findings = await restore(app.session, left);
  const [stale] = findings;
  if (stale === undefined) app.say('its changes are here again, and are not saved yet');
  else app.say(findingWords(stale), 'yellow');
  const { draft } = left;
  if (draft !== undefined && (draft.at === undefined || app.session.environments().includes(draft.at))) {
    app.show(draft.at);
    app.goTo(draft.path);
    const value = app.session.value(draft.path, draft.at);
    if (value !== undefined) await app.edit(value, draft.text);
  }
  if (stale === undefined) left.forget();
}
