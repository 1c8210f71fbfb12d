/** The lines between cards: where each begins and ends, which way it takes, and where its label stands. */
import { everyWorkload } from './bundle.ts';
import type { Party } from './party.ts';
import { labelSize } from './text-width.ts';

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A flow as it is drawn. */
export interface Ends {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** A line with its label. */
export interface Wire extends Ends {
  /** The path of an SVG. */
  readonly path: string;
  /** The middle of the label. */
  readonly at: { readonly x: number; readonly y: number };
}

interface Place extends Box {
  readonly party: Party;
  /** How far what is behind it stands out above and on the right. */
  readonly stack: number;
}

type Side = 'left' | 'right' | 'top' | 'bottom' | 'loop';

/** How far a label's edge stays from the card that its line ends at: the arrow is between them. */
export const arrow = 18;

/** Finds a way for every flow. */
export function placeWires(ends: readonly Ends[], cards: readonly Place[], frame: Box): Wire[] {
  const boxes = new Map(cards.map((one) => [one.party.id, one]));
  const sides = ends.map((one) => sideOf(one, boxes, frame));
  const ways = ends.map((one, index) => {
    const begin = anchor(ends, sides, index, 'from', boxes, frame);
    const end = anchor(ends, sides, index, 'to', boxes, frame);
    return { ...one, ...wayOf(sides[index] as Side, begin, end, one.label) };
  });
  return settled(ways, sides, cards);
}

/** The lines with their labels apart: those that may move up or down their line do, where they would cover something. */
function settled(wires: readonly Wire[], sides: readonly Side[], cards: readonly Box[]): Wire[] {
  const mayMove = (index: number) => sides[index] !== 'left' && sides[index] !== 'right';
  const places = new Map<number, Wire>();
  const order = [...wires.keys()].sort((a, b) => Number(mayMove(a)) - Number(mayMove(b)) || a - b);
  for (const index of order) {
    const wire = wires[index] as Wire;
    const taken = [...cards, ...[...places.values()].map(labelBox)];
    const moved = (by: number): Wire => ({ ...wire, at: { x: wire.at.x, y: wire.at.y + by } });
    const steps = mayMove(index) ? upAndDown : [0];
    const free = steps.map(moved).find((one) => !taken.some((box) => covers(labelBox(one), box)));
    places.set(index, free ?? wire);
  }
  return wires.map((wire, index) => places.get(index) ?? wire);
}

/** How far a label may move along its line: near first. */
const upAndDown = [
  0,
  ...Array.from({ length: 30 }, (_, index) => [index * 12 + 12, index * -12 - 12]).flat(),
];

/** The place of a line's label. */
export function labelBox({ label, at }: Wire): Box {
  const width = labelSize(label);
  return { x: at.x - width / 2, y: at.y - labelHeight / 2, width, height: labelHeight };
}

const labelHeight = 22;

const covers = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The side of its source that a line leaves at; it comes in at the opposite one. */
function sideOf({ from, to }: Ends, boxes: ReadonlyMap<string, Place>, frame: Box): Side {
  const [a, b] = [boxes.get(from) ?? frame, boxes.get(to) ?? frame];
  if (to === everyWorkload) return 'right';
  if (from === everyWorkload) return 'right';
  if (a.x + a.width <= b.x) return 'right';
  if (b.x + b.width <= a.x) return 'left';
  const isNext = ![...boxes.values()].some(
    (other) => other.x === a.x && other.y > Math.min(a.y, b.y) && other.y < Math.max(a.y, b.y),
  );
  if (!isNext) return 'loop';
  return a.y < b.y ? 'bottom' : 'top';
}

const opposite: { readonly [side in Side]: Side } = {
  left: 'right',
  right: 'left',
  top: 'bottom',
  bottom: 'top',
  loop: 'loop',
};

interface Point {
  readonly x: number;
  readonly y: number;
}

type End = 'from' | 'to';

/** Where a line touches a card: the lines of a side share it, in the order of where they lead. */
function anchor(
  ends: readonly Ends[],
  sides: readonly Side[],
  index: number,
  end: End,
  boxes: ReadonlyMap<string, Place>,
  frame: Box,
): Point {
  const sideAt = (number: number, which: End) => {
    const side = sides[number] as Side;
    const real = which === 'from' ? side : opposite[side];
    return real === 'loop' ? 'left' : real;
  };
  const id = ends[index]?.[end] as string;
  const side = sideAt(index, end);
  const box = boxes.get(id);
  const across = (number: number, which: End) => {
    const other = ends[number]?.[which === 'from' ? 'to' : 'from'] as string;
    const far = boxes.get(other) ?? frame;
    return side === 'left' || side === 'right' ? far.y + far.height / 2 : number;
  };
  if (box === undefined) {
    const far = boxes.get(ends[index]?.[end === 'from' ? 'to' : 'from'] as string) ?? frame;
    return { x: side === 'left' ? frame.x : frame.x + frame.width, y: far.y + far.height / 2 };
  }
  const here = ends
    .flatMap((one, number) =>
      (['from', 'to'] as const).map((which) => ({ one, number, which, at: across(number, which) })),
    )
    .filter(({ one, number, which }) => one[which] === id && sideAt(number, which) === side)
    .sort((a, b) => a.at - b.at || a.number - b.number);
  const place = here.findIndex(({ number, which }) => number === index && which === end);
  const along = (length: number, most: number) => {
    const step = Math.min(most, length / here.length);
    return length / 2 + (place - (here.length - 1) / 2) * step;
  };
  if (side === 'left') return { x: box.x, y: box.y + along(box.height, 28) };
  if (side === 'right' && end === 'to')
    return { x: box.x + box.width + box.stack, y: box.y + along(box.height, 28) };
  if (side === 'right') return { x: box.x + box.width, y: box.y + along(box.height, 28) };
  const x = box.x + along(box.width, 92);
  return { x, y: side === 'top' ? box.y - box.stack : box.y + box.height };
}

function wayOf(side: Side, begin: Point, end: Point, label: string): Pick<Wire, 'path' | 'at'> {
  const start = `M${number(begin.x)} ${number(begin.y)}`;
  if (side === 'top' || side === 'bottom')
    return {
      path: `${start}L${number(end.x)} ${number(end.y)}`,
      at: { x: (begin.x + end.x) / 2, y: (begin.y + end.y) / 2 },
    };
  if (side === 'loop') {
    const half = labelSize(label) / 2;
    const bulge = Math.max(40, half + 8);
    // a curve with both handles this far out is three quarters of that out in its middle
    const out = number(begin.x - bulge / 0.75);
    const path = `${start}C${out} ${number(begin.y)} ${out} ${number(end.y)} ${number(end.x)} ${number(end.y)}`;
    return { path, at: { x: begin.x - bulge, y: (begin.y + end.y) / 2 } };
  }
  const forward = side === 'right' ? 1 : -1;
  const half = labelSize(label) / 2;
  const labelX = end.x - forward * (arrow + half);
  const bendEnd = end.x - forward * (arrow + half * 2 + 6);
  const middle = begin.x + (bendEnd - begin.x) / 2;
  const bend =
    Math.abs(begin.y - end.y) < 0.5
      ? ''
      : `C${number(middle)} ${number(begin.y)} ${number(middle)} ${number(end.y)} ${number(bendEnd)} ${number(end.y)}`;
  return { path: `${start}${bend}L${number(end.x)} ${number(end.y)}`, at: { x: labelX, y: end.y } };
}

/** A number as it stands in a picture: a tenth of a pixel is enough. */
export function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
