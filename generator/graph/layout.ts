/** Places for a deployment's traffic: who comes in on the left, the namespace in the middle, what is called on the right. */
import { bundled, everyWorkload } from './bundle.ts';
import { isWorkload, type Party, type Traffic } from './party.ts';
import { portWords } from './ports.ts';
import { fitted, labelSize, sizes, textWidth } from './text-width.ts';
import { arrow, type Box, type Ends, placeWires, type Wire } from './wires.ts';

/** A party with its place. */
export interface Card extends Box {
  readonly party: Party;
  readonly name: string;
  readonly details: readonly string[];
  /** How many pods: `×3`, `×2–10`. */
  readonly count?: string;
  /** How far the cards of its other pods stand out behind it. */
  readonly stack: number;
}

/** A picture: everything with its place, in pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly subtitle: string;
  readonly note: string;
  /** The namespace. */
  readonly frame: Box;
  readonly frameTitle: string;
  readonly cards: readonly Card[];
  readonly wires: readonly Wire[];
}

/** What a card has around its texts: the icon on the left, padding elsewhere. */
export const card = { icon: 44, padding: 14, line: 19 } as const;

/** How far each card of a stack stands out behind the next. */
const stackStep = 4;

const margin = 26;
const gap = 16;
const headHeight = 66;
const framePadding = 26;
/** Room for arrow and curve beside a label. */
const curve = 60;
/** What the curves of a column need on the side where their labels are not. */
const space = 92;
const widest = 320;

/** Places everything. */
export function layOut(traffic: Traffic): Picture {
  const { release, namespace, topology, environment, hasPolicies } = traffic;
  const ends: Ends[] = bundled(traffic).map(({ from, to, ports }) => ({ from, to, label: portWords(ports) }));
  const columns = columnsOf(traffic, ends);
  const at = across(columns, ends);
  const top = margin + headHeight;
  const inFrame = framePadding + 22;
  const height = Math.max(
    heightOf(columns.workloads, space) + inFrame + framePadding,
    heightOf(columns.outside, gap),
    heightOf(columns.clients, gap),
  );
  const frame: Box = { x: at.frame.x, y: top, width: at.frame.width, height };
  const outside = stacked(columns.outside, at.outside, frame, gap);
  const workloads = spread(columns.workloads, at.workloads, top + inFrame, frame, outside, ends);
  const beside = columns.beside.map((one) => besideGateway(one, at.beside, workloads));
  const clients = facing(columns.clients, at.clients, frame, workloads, ends);
  const cards = [...clients, ...workloads, ...beside, ...outside];
  return {
    width: Math.ceil(at.outside.x + at.outside.width + margin),
    height: Math.ceil(top + height + margin + 22),
    title: release,
    subtitle: `${topology} topology, ${environment}`,
    note: hasPolicies
      ? 'Everything else is shut by NetworkPolicies. Ports to the outside are open to any address there; a name says what uses them.'
      : 'There are no NetworkPolicies, so nothing is shut: these are the connections that the program needs.',
    frame,
    frameTitle: `namespace ${namespace}`,
    cards,
    wires: placeWires(ends, cards, frame),
  };
}

/** From where to where something goes from left to right. */
interface Span {
  readonly x: number;
  readonly width: number;
}

/** The columns from left to right, with room for the labels of the lines between them. */
function across(columns: Columns, ends: readonly Ends[]): { [part in keyof Columns | 'frame']: Span } {
  const { clients, beside, workloads, outside } = columns;
  const isIn = (column: readonly Sized[], id: string) => column.some(({ party }) => party.id === id);
  const labels = (test: (end: Ends) => boolean) =>
    Math.max(0, ...ends.filter(test).map(({ label }) => labelSize(label)));
  const fromClients = labels(({ from }) => isIn(clients, from));
  const toWorkloads = labels(
    ({ from, to }) => isIn(clients, from) || (isIn(workloads, from) && isIn(workloads, to)),
  );
  const toBeside = labels(({ to }) => isIn(beside, to));
  const frameX = margin + (clients.length === 0 ? 0 : widthOf(clients) + fromClients + arrow * 2);
  const besideX = frameX + framePadding;
  const besideEnd = beside.length === 0 ? 0 : widthOf(beside) + stackStep * 2 + toBeside + arrow + gap;
  const workloadsX = besideX + besideEnd + toWorkloads + arrow;
  const frameEnd = workloadsX + widthOf(workloads) + stackStep * 2 + framePadding;
  const toOutside = labels(({ to }) => isIn(outside, to));
  return {
    clients: { x: margin, width: widthOf(clients) },
    frame: { x: frameX, width: frameEnd - frameX },
    beside: { x: besideX, width: widthOf(beside) },
    workloads: { x: workloadsX, width: widthOf(workloads) },
    outside: { x: frameEnd + curve + toOutside, width: widthOf(outside) },
  };
}

/** A party with the size of its card. */
interface Sized {
  readonly party: Party;
  readonly name: string;
  readonly details: readonly string[];
  readonly count?: string;
  readonly stack: number;
  readonly width: number;
  readonly height: number;
}

interface Columns {
  readonly clients: readonly Sized[];
  readonly beside: readonly Sized[];
  readonly workloads: readonly Sized[];
  readonly outside: readonly Sized[];
}

function columnsOf({ parties }: Traffic, ends: readonly Ends[]): Columns {
  const column = (test: (party: Party) => boolean) =>
    parties.filter(test).map((party) => sized(party, touching(party, parties, ends)));
  const workloads = column(isWorkload);
  const order = (id: string) => {
    const places = ends.flatMap(({ from, to }) => (from === id ? [to] : to === id ? [from] : []));
    const numbers = places.map((place) => workloads.findIndex(({ party }) => party.id === place));
    if (places.includes(everyWorkload)) return workloads.length;
    return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  };
  const ordered = (sizes: Sized[]) => sizes.sort((a, b) => order(a.party.id) - order(b.party.id));
  return {
    clients: ordered(column(({ kind }) => kind === 'client')),
    beside: column((party) => party.isInside && !isWorkload(party)),
    workloads,
    outside: ordered(column(({ kind, isInside }) => kind !== 'client' && !isInside)),
  };
}

/** How many lines touch the left side of a card: those to it, and of a workload those to what is beside it. */
function touching({ id }: Party, parties: readonly Party[], ends: readonly Ends[]): number {
  const workloads = parties.filter(isWorkload).map((party) => party.id);
  const beside = parties.filter((party) => party.isInside && !isWorkload(party)).map((party) => party.id);
  return ends.filter(({ from, to }) => {
    const [a, b] = [workloads.indexOf(from), workloads.indexOf(to)];
    // neighbours talk through the space between them, the others past it
    if (a >= 0 && b >= 0) return Math.abs(a - b) > 1 && (from === id || to === id);
    return to === id || (from === id && beside.includes(to));
  }).length;
}

function sized(party: Party, incoming: number): Sized {
  const room = widest - card.icon - card.padding;
  const { min, max } = party.replicas ?? {};
  const count = min === undefined ? undefined : min === max ? `×${min}` : `×${min}–${max}`;
  const countWidth = count === undefined ? 0 : textWidth(count, sizes.name, true) + 14;
  const name = fitted(party.name, room - countWidth, sizes.name, true);
  const details = party.details.map((detail) => fitted(detail, room, sizes.detail));
  const text = Math.max(
    textWidth(name, sizes.name, true) + countWidth,
    ...details.map((detail) => textWidth(detail, sizes.detail)),
  );
  const height = Math.max(card.padding * 2 + 16 + details.length * card.line, incoming * 28);
  return {
    party,
    name,
    details,
    ...(count === undefined ? {} : { count }),
    stack: (max ?? 1) > 1 ? stackStep * 2 : 0,
    width: Math.ceil(card.icon + text + card.padding),
    height,
  };
}

const widthOf = (column: readonly Sized[]) => Math.max(0, ...column.map(({ width }) => width));

const heightOf = (column: readonly Sized[], apart: number) =>
  column.reduce((sum, { height }) => sum + height, 0) + apart * Math.max(0, column.length - 1);

/** A column from top to bottom of the frame, with equal space between its cards. */
function stacked(column: readonly Sized[], span: Span, frame: Box, least: number): Card[] {
  const free = frame.height - heightOf(column, 0);
  const apart = column.length < 2 ? least : Math.min(40, Math.max(least, free / (column.length - 1)));
  let y = frame.y + Math.max(0, (frame.height - heightOf(column, apart)) / 2);
  return column.map((one) => {
    const placed = { ...one, ...span, y: Math.round(y) };
    y += one.height + apart;
    return placed;
  });
}

const middle = ({ y, height }: Box) => y + height / 2;

/** The workloads below each other, each as near as can be to what it calls. */
function spread(
  column: readonly Sized[],
  span: Span,
  top: number,
  frame: Box,
  outside: readonly Card[],
  ends: readonly Ends[],
): Card[] {
  const wished = column.map(({ party, height }) => {
    const called = outside.filter((one) => ends.some((e) => e.from === party.id && e.to === one.party.id));
    const centre = called.reduce((sum, one) => sum + middle(one), 0) / called.length;
    return called.length === 0 ? 0 : centre - height / 2;
  });
  const places: number[] = [];
  let least = top;
  for (const [index, one] of column.entries()) {
    places.push(Math.max(least, wished[index] ?? 0));
    least = (places[index] ?? 0) + one.height + space;
  }
  let most = frame.y + frame.height - framePadding;
  for (let index = column.length - 1; index >= 0; index--) {
    places[index] = Math.min(places[index] ?? 0, most - (column[index]?.height ?? 0));
    most = (places[index] ?? 0) - space;
  }
  return column.map((one, index) => ({ ...one, ...span, y: Math.round(places[index] ?? 0) }));
}

/** The database beside the space between its two callers. */
function besideGateway(one: Sized, span: Span, workloads: readonly Card[]): Card {
  const [first, second = first] = workloads;
  const centre = first === undefined || second === undefined ? 0 : (middle(first) + middle(second)) / 2;
  return { ...one, ...span, y: Math.round(centre - one.height / 2) };
}

/** Clients level with what they reach; those that reach all of the namespace come last. */
function facing(
  column: readonly Sized[],
  span: Span,
  frame: Box,
  workloads: readonly Card[],
  ends: readonly Ends[],
): Card[] {
  const target = ends.find(({ from }) => from === column[0]?.party.id)?.to;
  const reached = workloads.find(({ party }) => party.id === target);
  const level = column.filter(({ party }) => ends.some((e) => e.from === party.id && e.to === target));
  const wished = reached === undefined ? frame.y : middle(reached) - heightOf(level, gap) / 2;
  const last = frame.y + frame.height - heightOf(column, gap);
  let y = Math.min(Math.max(wished, frame.y), Math.max(last, frame.y));
  return column.map((one) => {
    const placed = { ...one, ...span, y: Math.round(y) };
    y += one.height + gap;
    return placed;
  });
}
