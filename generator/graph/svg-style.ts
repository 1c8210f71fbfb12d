/** The colours and icons of a picture. */
import type { PartyKind } from './party.ts';

/** A colour on a light ground, and on a dark one. */
type Shade = readonly [light: string, dark: string];

const accents: { readonly [kind in PartyKind]: Shade } = {
  gateway: ['#4f46e5', '#a5b4fc'],
  worker: ['#4f46e5', '#a5b4fc'],
  'mcp-gateway': ['#4f46e5', '#a5b4fc'],
  database: ['#0f766e', '#5eead4'],
  provider: ['#b45309', '#fcd34d'],
  tool: ['#9d174d', '#f9a8d4'],
  service: ['#1d4ed8', '#93c5fd'],
  client: ['#475569', '#cbd5e1'],
  peer: ['#475569', '#cbd5e1'],
};

/** Rules of the style sheet, each property with its shades. */
const rules: readonly (readonly [selector: string, property: string, shade: Shade])[] = [
  ['.ground', 'fill', ['#ffffff', '#0f1220']],
  ['.ground', 'stroke', ['#e2e5ef', '#2a3050']],
  ['.frame', 'fill', ['#f5f6fc', '#161a2d']],
  ['.frame', 'stroke', ['#a8aecb', '#4b5480']],
  ['.card', 'fill', ['#ffffff', '#20263f']],
  ['.card', 'stroke', ['#cdd2e4', '#3d4670']],
  ['.ink', 'fill', ['#171a2b', '#f1f3fc']],
  ['.soft', 'fill', ['#555c77', '#aab2d0']],
  ['.wire', 'stroke', ['#7079a0', '#8d97c4']],
  ['.tip', 'fill', ['#7079a0', '#8d97c4']],
  ['.label', 'fill', ['#ffffff', '#0f1220']],
  ['.label', 'stroke', ['#c3c8de', '#4b5480']],
  ...Object.entries(accents).flatMap(([kind, shade]) => [
    [`.${kind} .bar`, 'fill', shade] as const,
    [`.${kind} .icon`, 'stroke', shade] as const,
    [`.${kind} .count`, 'fill', shade] as const,
  ]),
];

const fixed = `text{font-family:Arial,Helvetica,"Liberation Sans",sans-serif}
.wire,.icon{fill:none}
.wire{stroke-width:1.6}
.icon{stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.frame{stroke-dasharray:5 4}
.bold{font-weight:bold}`;

/**
 * The style sheet: light, and dark where the reader's screen is. Each rule is bound to the root's class, so that it reaches
 * nothing else on a page that the picture is part of. Print is light.
 */
export function styleSheet(root: string): string {
  const scoped = (text: string) => text.replace(/^[^{}\n]+(?=\{)/gm, (selectors) => scope(selectors, root));
  const sheet = (which: 0 | 1) =>
    rules.map(([selector, property, shade]) => `${selector}{${property}:${shade[which]}}`).join('\n');
  const dark = scoped(sheet(1));
  return `${scoped(fixed)}\n${scoped(sheet(0))}\n@media screen and (prefers-color-scheme:dark){\n${dark}\n}`;
}

const scope = (selectors: string, root: string) =>
  selectors
    .split(',')
    .map((one) => `.${root} ${one}`)
    .join(',');

/** Icons in a square of 20 pixels, drawn as lines. */
export const icons: { readonly [kind in PartyKind]: string } = {
  // a door, and who comes in
  gateway: 'M9 3h6a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H9M3 10h9M9 6.5l3.5 3.5L9 13.5',
  // a voice
  worker: 'M3 8.5v3M6.5 5.5v9M10 3v14M13.5 6.5v7M17 8.5v3',
  // four tools at one place
  'mcp-gateway': 'M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h5v5h-5z',
  database:
    'M3.5 5c0-1.4 2.9-2.5 6.5-2.5s6.5 1.1 6.5 2.5-2.9 2.5-6.5 2.5S3.5 6.4 3.5 5v10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5V5M3.5 10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5',
  // something is said
  provider:
    'M4.5 3.5h11a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5H10l-4 3.5v-3.5H4.5A1.5 1.5 0 0 1 3 12V5a1.5 1.5 0 0 1 1.5-1.5zM6.5 7h7M6.5 10h4.5',
  tool: 'M12.5 3a4.5 4.5 0 0 0-4.2 6L3 14.3 5.7 17l5.3-5.3a4.5 4.5 0 0 0 5.7-5.7L13.8 8.9 11.1 6.2 14 3.3A4.5 4.5 0 0 0 12.5 3z',
  service: 'M6 15.5a3.5 3.5 0 0 1-.4-7A4.8 4.8 0 0 1 14.7 7.4 4.1 4.1 0 0 1 14 15.5z',
  client: 'M10 3a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM4 17c.5-3.5 2.8-5 6-5s5.5 1.5 6 5',
  peer: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM2.5 10h15M10 2.5c2.5 2.2 3.3 4.7 3.3 7.5s-.8 5.3-3.3 7.5c-2.5-2.2-3.3-4.7-3.3-7.5s.8-5.3 3.3-7.5z',
};
