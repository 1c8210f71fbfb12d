/** The items of a list or of a map: added, edited, moved and removed one by one. */
import { isOptional } from '../config/schema/node.ts';
import { nodesOn } from '../editor/edits.ts';
import type { Value } from '../editor/values.ts';
import { isObject, type Json, type Path } from '../model/json.ts';
import { firstShown, type Line, padded, piece, wrappedText } from './cells.ts';
import { openLine } from './line.ts';
import { aboutValue, editYaml, inWords, isMasked, shortName } from './value-text.ts';
import { type App, findingWords, type View } from './view.ts';

/** Opens the items of the value at a path. */
export function openItems(app: App, path: Path): void {
  let [chosen, first] = [0, 0];
  const value = () => app.session.value(path, app.at) as Value;
  const itemsNow = (): [string | number, Json][] => {
    const { value: now } = value();
    if (Array.isArray(now)) return [...now.entries()];
    return isObject(now) ? Object.entries(now) : [];
  };
  const isList = value().widget === 'list';
  const view: View = {
    keys: () => [
      ['Enter', 'edit'],
      ['a', 'add'],
      ['x', 'remove'],
      ...(isList ? [['J K', 'move'] as const] : []),
      ['y', 'all as YAML'],
      ['u', 'undo'],
      ['Esc', 'back'],
    ],
    draw({ columns, rows }) {
      const items = itemsNow();
      chosen = Math.max(0, Math.min(chosen, items.length - 1));
      const about = aboutValue(value())
        .flatMap((text) => wrappedText(text, columns - 2))
        .slice(0, Math.max(0, Math.floor(rows / 3)));
      const wrong = value()
        .findings.flatMap((each) => wrappedText(findingWords(each), columns - 2))
        .slice(0, 3);
      const room = Math.max(1, rows - 4 - about.length - wrong.length);
      first = firstShown(chosen, items.length, room, first);
      const lines = items.slice(first, first + room).map(([key, item], index): Line => {
        const isChosen = first + index === chosen;
        const name = isList ? `${Number(key) + 1}.` : `${key}:`;
        const text = ` ${isChosen ? '›' : ' '} ${padded(`${name} ${summary(item)}`, columns - 4)}`;
        return [{ text, looks: isChosen ? ['chosen'] : [] }];
      });
      const empty: Line = [piece('   there is none; a adds one', 'dim')];
      return {
        lines: [
          [piece(` ${value().title ?? ''} · ${shortName(path)}`, 'bold')],
          [],
          ...(lines.length === 0 ? [empty] : lines),
          [],
          ...wrong.map((line): Line => [piece(` ${line}`, 'red')]),
          ...about.map((line): Line => [piece(` ${line}`, 'dim')]),
        ],
      };
    },
    async press({ name }) {
      const items = itemsNow();
      const key = items[chosen]?.[0];
      const step = { up: -1, k: -1, down: 1, j: 1, 'page-up': -10, 'page-down': 10 }[name];
      if (step !== undefined) chosen = Math.max(0, Math.min(items.length - 1, chosen + step));
      else if (['escape', 'q', 'left', 'h'].includes(name)) app.close(view);
      else if (name === 'a') {
        addItem(app, path, isList ? items.length : undefined);
        chosen = items.length;
      } else if (name === 'y') editWhole(app, value());
      else if (name === 'u') await app.session.undo();
      else if (key === undefined) return;
      else if (name === 'enter' || name === 'l' || name === 'right') editItem(app, [...path, key]);
      else if (name === 'x' || name === 'd' || name === 'delete')
        app.tell(await app.session.unset([[...path, key]], app.at), 'it is removed; u takes it back');
      else if ((name === 'J' || name === 'K') && isList) {
        const to = chosen + (name === 'J' ? 1 : -1);
        if (await moveItem(app, value(), chosen, to)) chosen = to;
      }
    },
  };
  app.open(view);
}

function summary(item: Json): string {
  if (!isObject(item)) return inWords(item);
  const { name, ...rest } = item;
  const parts = Object.entries(rest).map(([key, value]) => `${key}: ${inWords(value)}`);
  return [...(name === undefined ? [] : [inWords(name)]), ...parts].join(', ');
}

function editWhole(app: App, value: Value): void {
  if (isMasked(value)) app.say('a part of it is secret, so it is edited in the file: t opens it', 'yellow');
  else editYaml(app, value);
}

function editItem(app: App, path: Path): void {
  const value = app.session.value(path, app.at);
  if (value === undefined) return;
  const isWhole = value.widget === 'free' || value.widget === 'map';
  if (isWhole && !isMasked(value)) editYaml(app, value, undefined, fieldHints(path));
  else void app.edit(value);
}

/** Adds an item: at the end of a list, or by a key of a map that is asked for. */
function addItem(app: App, path: Path, index: number | undefined): void {
  if (index !== undefined) openNew(app, [...path, index]);
  else askKey(app, path);
}

function askKey(app: App, path: Path): void {
  openLine(app, {
    title: `${shortName(path)} · the key of the new one`,
    about: ['Then its value is asked for.'],
    text: '',
    take: async (key) => {
      // the value is asked for when this line is closed
      if (key !== '') app.later(async () => openNew(app, [...path, key]));
      return true;
    },
  });
}

function openNew(app: App, path: Path): void {
  const value = app.session.value(path, app.at);
  const node = nodesOn(path)?.at(-1) ?? {};
  const fields = Object.keys(node.properties ?? {});
  const needed = fields.filter((key) => !isOptional(node, key));
  const begun = needed.length === 0 ? fields.slice(0, 1) : needed;
  if (value === undefined) app.say('there is no such value', 'red');
  else if (value.widget !== 'free' && value.widget !== 'map') void app.edit(value, '');
  else editYaml(app, value, begun.map((key) => `${key}: `).join('\n'), fieldHints(path));
}

/** The fields that an item may have. */
function fieldHints(path: Path): string[] {
  const fields = Object.keys(nodesOn(path)?.at(-1)?.properties ?? {});
  return fields.length === 0 ? [] : [`fields: ${fields.join(', ')}`];
}

async function moveItem(app: App, whole: Value, from: number, to: number): Promise<boolean> {
  const { value, path } = whole;
  if (!Array.isArray(value) || value[to] === undefined || isMasked(whole)) return false;
  const moved = [...value];
  moved.splice(to, 0, ...moved.splice(from, 1));
  return app.tell(await app.session.set([{ path, value: moved }], app.at), 'it is moved; u takes it back');
}
