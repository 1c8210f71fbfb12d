/** The traffic of a deployment as an SVG: light or dark as the reader's screen is, light in print. */
import { printable } from '../model/characters.ts';
import { type Card, card, layOut, type Picture } from './layout.ts';
import type { Traffic } from './party.ts';
import { portWords } from './ports.ts';
import { icons, styleSheet } from './svg-style.ts';
import { sizes } from './text-width.ts';
import { labelBox, number, type Wire } from './wires.ts';

/** The class of the picture's root. */
const root = 'glyphoxa-graph';

/** Writes the picture. The same traffic gives the same text on every machine. */
export function svg(traffic: Traffic): string {
  const picture = layOut(traffic);
  const { width, height, frame, cards, wires } = picture;
  const box = { x: frame.x, y: frame.y, width: frame.width, height: frame.height, rx: 14 };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="${root}" role="img" aria-labelledby="${root}-title ${root}-about" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title id="${root}-title">${escaped(`${picture.title}: who may talk to whom`)}</title>`,
    `<desc id="${root}-about">${escaped(inWords(traffic))}</desc>`,
    `<style>\n${styleSheet(root)}\n</style>`,
    `<defs><marker id="${root}-tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path class="tip" d="M0 0.8 10 5 0 9.2z"/></marker></defs>`,
    rect('ground', { x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 16 }),
    ...head(picture),
    rect('frame', box),
    text('soft', frame.x + 18, frame.y + 24, sizes.subtitle, picture.frameTitle),
    ...wires.map(line),
    ...cards.map(drawCard),
    ...wires.map(drawLabel),
    text('soft', 28, height - 20, sizes.note, picture.note),
    '</svg>',
    '',
  ].join('\n');
}

function head({ title, subtitle }: Picture): string[] {
  return [text('ink bold', 28, 48, sizes.title, title), text('soft', 28, 72, sizes.subtitle, subtitle)];
}

function line({ from, to, path }: Wire): string {
  return `<path class="wire" data-from="${escaped(from)}" data-to="${escaped(to)}" d="${path}" marker-end="url(#${root}-tip)"/>`;
}

function drawLabel(wire: Wire): string {
  const { label, at } = wire;
  const box = { ...labelBox(wire), rx: 11 };
  return `${rect('label', box)}${text('ink', at.x, at.y + 4.5, sizes.label, label, 'middle')}`;
}

function drawCard({ party, x, y, width, height, name, details, count, stack }: Card): string {
  const shape = { x, y, width, height, rx: 10 };
  const behind = [stack, stack / 2].flatMap((out) =>
    out === 0 ? [] : [rect('card', { ...shape, x: x + out, y: y - out })],
  );
  const block = card.padding * 2 + 16 + details.length * card.line;
  const top = y + (height - block) / 2 + card.padding;
  const left = x + card.icon;
  return [
    `<g class="${party.kind}" data-id="${escaped(party.id)}"><title>${escaped([party.name, ...party.details].join('\n'))}</title>`,
    ...behind,
    rect('card', shape),
    rect('bar', { x, y: y + 10, width: 4, height: height - 20, rx: 2 }),
    `<path class="icon" transform="translate(${number(x + 14)} ${number(top - 2)})" d="${icons[party.kind]}"/>`,
    text('ink bold', left, top + 13, sizes.name, name),
    ...(count === undefined
      ? []
      : [text('count bold', x + width - card.padding, top + 13, sizes.name, count, 'end')]),
    ...details.map((detail, index) =>
      text('soft', left, top + 13 + card.line * (index + 1), sizes.detail, detail),
    ),
    '</g>',
  ].join('');
}

type Shape = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  rx: number;
};

function rect(kind: string, { x, y, width, height, rx }: Shape): string {
  return `<rect class="${kind}" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="${rx}"/>`;
}

function text(
  kind: string,
  x: number,
  y: number,
  size: number,
  label: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  const at = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text class="${kind}" x="${number(x)}" y="${number(y)}" font-size="${size}"${at}>${escaped(label)}</text>`;
}

/** The traffic for who hears the picture. */
function inWords({ parties, flows }: Traffic): string {
  const names = new Map(parties.map(({ id, name }) => [id, name]));
  return flows
    .map(({ from, to, ports }) => `${names.get(from)} to ${names.get(to)}: ${portWords(ports)}.`)
    .join(' ');
}

/** Text as it stands in XML, in an attribute too. */
function escaped(label: string): string {
  return printable(label.replaceAll('\n', ', '))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
