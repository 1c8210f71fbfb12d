/** The application: views one over the other between a title and the keys, over one session. */

import type { At } from '../editor/files.ts';
import type { Recovery } from '../editor/recovery.ts';
import type { SecretOptions, Session } from '../editor/session.ts';
import type { Section } from '../editor/values.ts';
import { Failure } from '../model/finding.ts';
import { type Browse, browse } from './browse.ts';
import { frame, isTooSmall, type Message } from './frame.ts';
import type { Key } from './keys.ts';
import { askAboutConflicts, leave, offer, openFile, save } from './questions.ts';
import type { Screen, ScreenEvents } from './screen.ts';
import { type App, findingWords, type View } from './view.ts';
import { editValue } from './widgets.ts';

/** What the terminal edits, and where. */
export interface AppOptions {
  readonly session: Session;
  readonly secrets: SecretOptions;
  readonly recovery: Recovery;
  /** The environment that it begins with. */
  readonly at: At;
  /** Takes the terminal over. */
  openScreen(events: ScreenEvents): Screen;
  /** Calls back when the program is to end; gives the way to stop listening. */
  onInterrupt(callback: () => void): () => void;
}

/** How often the disk is looked at, in milliseconds. */
const refreshMs = 1_500;

/** How long after a key what is not saved is kept, and what is typed is checked, in milliseconds: typing waits for neither. */
const [keepMs, laterMs] = [400, 40];

/** What changes while it runs. */
interface State {
  at: At;
  views: View[];
  message: Message | undefined;
  sections: readonly Section[] | undefined;
  how: 'runs' | 'left' | 'thrown away';
}

/** Runs until the user leaves, or the terminal is gone; gives the files whose changes are kept for the next time. */
export async function runTerminal(options: AppOptions): Promise<readonly string[]> {
  const { session, recovery, at, onInterrupt } = options;
  const state: State = { at, views: [], message: undefined, sections: undefined, how: 'runs' };
  const timers: { later?: NodeJS.Timeout; keep?: NodeJS.Timeout } = {};
  let work: Promise<void> = Promise.resolve();
  let finish = (_error?: unknown) => {};
  const ended = new Promise<unknown>((resolve) => {
    finish = resolve;
  });
  const paint = () => {
    const top = state.views.at(-1);
    if (state.how === 'runs' && top !== undefined)
      screen.paint(...frame(screen.size(), top, app, state.message));
  };
  const queue = (next: () => void | Promise<void>) => {
    work = work
      .then(async () => {
        if (state.how === 'runs') await next();
      })
      .catch((error: unknown) => {
        if (error instanceof Failure) app.say(error.findings.map(findingWords).join('; '), 'red');
        else finish(error);
      })
      .then(() => {
        state.sections = undefined;
        paint();
      });
  };
  const app = makeApp(options, state, {
    finish: () => finish(),
    paint,
    suspend: () => screen.suspend(),
    later: (next) => {
      clearTimeout(timers.later);
      timers.later = setTimeout(() => queue(next), laterMs);
    },
  });
  const keep = () => {
    try {
      recovery.keep(session, state.views.map((view) => view.draft?.()).findLast(Boolean));
    } catch (error) {
      app.say(`what is not saved cannot be kept: ${(error as Error).message}`, 'yellow');
    }
  };
  const screen = options.openScreen({
    onKeys: (keys) => {
      for (const key of keys) queue(() => press(app, state, screen, key));
      clearTimeout(timers.keep);
      timers.keep = setTimeout(() => queue(keep), keepMs);
    },
    onResize: paint,
    onGone: () => app.end(),
  });
  const stopListening = onInterrupt(() => app.end());
  const timer = setInterval(() => queue(() => refresh(app, state)), refreshMs);
  try {
    queue(() => {
      app.show(at);
      const left = recovery.left();
      if (left !== undefined) offer(app, left);
    });
    const error = await ended;
    if (error !== undefined) throw error;
    return state.how === 'thrown away' ? [] : session.changedFiles();
  } finally {
    clearInterval(timer);
    clearTimeout(timers.later);
    clearTimeout(timers.keep);
    stopListening();
    screen.close();
    if (state.how === 'thrown away') recovery.forget();
    else keep();
  }
}

/** What the views may ask for. */
function makeApp(
  { session, secrets }: AppOptions,
  state: State,
  { finish, paint, suspend, later }: Pick<App, 'suspend' | 'later'> & { finish(): void; paint(): void },
): App {
  const app: App = {
    session,
    secrets,
    get at() {
      return state.at;
    },
    sections: () => {
      state.sections ??= session.sections(state.at);
      return state.sections;
    },
    open: (view) => void state.views.push(view),
    close(view) {
      const index = state.views.indexOf(view);
      if (index > 0) state.views.length = index;
    },
    say(text, look = 'bold') {
      state.message = { text, look };
    },
    sayNow(text) {
      app.say(text, 'dim');
      paint();
    },
    tell({ refused, made }, done) {
      const [wrong] = [...refused, ...made.filter(({ severity }) => severity === 'error'), ...made];
      if (wrong === undefined) app.say(done);
      else app.say(findingWords(wrong), wrong.severity === 'error' ? 'red' : 'yellow');
      return refused.length === 0;
    },
    show(next) {
      state.at = next;
      state.sections = undefined;
      state.views.length = 1;
      if (session.loaded(next).sources[0]?.value === undefined) app.openText();
    },
    goTo(path) {
      state.views.length = 1;
      home.select(path);
    },
    openText: (line) => openFile(app, line),
    edit: (value, typed) => editValue(app, value, typed),
    later,
    save: (force) => save(app, force),
    leave: () => leave(app),
    end(isThrownAway = false) {
      state.how = isThrownAway ? 'thrown away' : 'left';
      finish();
    },
    suspend,
  };
  const home: Browse = browse(app);
  state.views.push(home);
  return app;
}

/** Gives a key to the view on top, but for those that mean the same everywhere. */
async function press(app: App, state: State, screen: Screen, key: Key): Promise<void> {
  state.message = undefined;
  const isBlind = isTooSmall(screen.size());
  if (key.name === 'ctrl-c' && !isBlind) app.leave();
  else if (key.name === 'ctrl-l') screen.forget();
  else if (key.name === 'ctrl-z') app.suspend();
  else if (isBlind && (key.name === 'q' || key.name === 'ctrl-c')) app.end();
  else if (!isBlind)
    for (const each of separate(key, state.views.at(-1))) await state.views.at(-1)?.press(each);
}

/** Over a slow line an escape and the key after it come in one piece, as a key with Alt does: where no text is typed, it was the two. */
function separate(key: Key, view: View | undefined): Key[] {
  if (!key.name.startsWith('alt-')) return [key];
  const name = key.name.slice('alt-'.length);
  return view?.isTyped === true ? [] : [{ name: 'escape' }, { name, text: name }];
}

/** Looks at the disk, and asks where that does not go with what is here. */
async function refresh(app: App, state: State): Promise<void> {
  const { merged } = await app.session.refresh();
  if (merged.length > 0) app.say(`${merged.join(', ')} changed on disk and was read again`);
  if (app.at !== undefined && !app.session.environments().includes(app.at)) app.show(undefined);
  askAboutConflicts(app, state.views);
}
