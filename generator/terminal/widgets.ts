/** The widgets of values: what Enter opens. */
import type { Value } from '../editor/values.ts';
import type { Json } from '../model/json.ts';
import { openArea } from './area.ts';
import { openItems } from './items.ts';
import { openLine } from './line.ts';
import { openMenu } from './menu.ts';
import { aboutValue, checkText, editYaml, inWords, isMasked, shortName, takeText } from './value-text.ts';
import type { App } from './view.ts';

/** Opens the widget of a value, with a text that was typed before where there is one. */
export async function editValue(app: App, value: Value, typed?: string): Promise<void> {
  const { widget, path } = value;
  if (widget === 'secret') return typed === undefined ? editSecret(app, value) : editYaml(app, value, typed);
  if (widget === 'constant') return app.say('this is always the same');
  if (widget === 'hidden')
    return app.say('this is a secret: name its key under "secrets", or a variable in its place', 'yellow');
  if (widget === 'switch') {
    const on = value.value !== true;
    return void app.tell(
      await app.session.set([{ path, value: on }], app.at),
      `${shortName(path)} is ${on ? 'on' : 'off'}`,
    );
  }
  if (widget === 'choice') return editChoice(app, value);
  if (widget === 'list' || widget === 'map') {
    if (typed === undefined) return openItems(app, path);
  }
  if (isMasked(value) && typed === undefined)
    return app.say('a part of it is secret, so it is edited in the file: t opens it', 'yellow');
  if (widget === 'free' || widget === 'list' || widget === 'map') return editYaml(app, value, typed);
  editText(app, value, typed);
}

function editChoice(app: App, { path, title, choices = [], value, ...rest }: Value): void {
  openMenu(app, {
    title: title ?? shortName(path),
    about: aboutValue({ path, ...rest }),
    chosen: Math.max(0, choices.indexOf(value as Json)),
    items: choices.map((choice) => ({
      label: `${inWords(choice)}${choice === value ? '  (now)' : ''}${choice === rest.default ? '  (default)' : ''}`,
      choose: async () => {
        const changed = await app.session.set([{ path, value: choice }], app.at);
        app.tell(changed, `${shortName(path)} is ${inWords(choice)}`);
      },
    })),
  });
}

/** A number, a quantity or a text. */
function editText(app: App, value: Value, typed?: string): void {
  const { path, title, widget } = value;
  const isHere = value.origin === 'environment' || (value.origin === 'resource' && app.at === undefined);
  const shown = value.value === undefined || value.value === null ? '' : inWords(value.value);
  const text = typed ?? shown;
  const { at } = app;
  const draft = (now: string) => ({ ...(at === undefined ? {} : { at }), path, text: now });
  const shared = {
    title: `${title ?? ''} · ${shortName(path)}`,
    check: (now: string) => checkText(app, path, now),
    take: async (now: string) => (now === shown && isHere ? true : takeText(app, path, now)),
    draft,
  };
  const about = [...aboutValue(value), 'left empty, it is taken out'];
  const several = (now: string) =>
    void openArea(app, { ...shared, about: about.join(' · '), text: now, cursor: { line: 0, column: 0 } });
  if (text.includes('\n')) several(text);
  else
    openLine(app, {
      ...shared,
      about,
      text,
      ...(widget === 'number' ? { step: oneMore } : {}),
      ...(widget === 'text' ? { more: several } : {}),
    });
}

function oneMore(text: string, by: 1 | -1): string {
  const number = Number(text === '' ? 0 : text);
  return Number.isFinite(number) ? String(number + by) : text;
}

/** A secret is written where the environment keeps it, or its source is named. */
function editSecret(app: App, value: Value): void {
  const { path, title, secret } = value;
  const { at, session } = app;
  const state = secret === undefined ? 'not set' : `${secret.state}: ${secret.from}`;
  openMenu(app, {
    title: `${title ?? ''} · ${shortName(path)}`,
    about: [state, ...aboutValue(value)],
    items: [
      {
        label: at === undefined ? 'A new value (choose an environment first: e)' : `A new value for ${at}`,
        about: ['It is not shown, and goes at once where the environment keeps its secrets.'],
        choose: () => {
          if (at === undefined) return app.say('each environment has its own value: e chooses one', 'yellow');
          openLine(app, {
            title: `${title ?? ''} · ${shortName(path)} · not shown`,
            about: [`It is written at once, for ${at} alone, and never into YAML.`],
            text: '',
            isHidden: true,
            take: async (text) => {
              if (text === '') return true;
              const { key, notes, findings } = await session.putSecret(path, text, at, app.secrets);
              app.say([`${key} is written`, ...notes, ...findings.map(({ message }) => message)].join('; '));
              return true;
            },
          });
        },
      },
      {
        label: 'Where it comes from',
        about: ['YAML: "fromEnv: VARIABLE", "fromFile: PATH", or "secretKeyRef:" with name and key.'],
        choose: () =>
          editYaml(app, value, undefined, ['fromEnv: VARIABLE', 'fromFile: PATH', 'secretKeyRef: …']),
      },
    ],
  });
}
