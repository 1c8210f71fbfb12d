/** How wide a text will be, without the font: estimates that err on the wide side. */

/** Sizes of the texts of a picture, in pixels. */
export const sizes = { title: 24, subtitle: 15, name: 16, detail: 14, label: 13.5, note: 14 } as const;

/** Widths of Arial's characters in thousandths of their size, by kind. Source: its own metrics, rounded up. */
const narrow = /[iljI.,:;|!'()[\]ftr\-/ ]/;
const wide = /[mwMW@%—…]/;

/** The width of a text in the units of its size. */
export function textWidth(text: string, size: number, isBold = false): number {
  let sum = 0;
  for (const character of text) sum += characterWidth(character);
  return (sum * size * (isBold ? 1.07 : 1)) / 1000;
}

function characterWidth(character: string): number {
  if (character > '\u2fff') return 1050;
  if (wide.test(character)) return 920;
  if (narrow.test(character)) return 350;
  return /[A-Z&]/.test(character) ? 730 : 565;
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function fitted(text: string, width: number, size: number, isBold = false): string {
  if (textWidth(text, size, isBold) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size, isBold) > width)
    characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** The width of a label on a line, with its padding. */
export function labelSize(text: string): number {
  return Math.ceil(textWidth(text, sizes.label) + 16);
}
