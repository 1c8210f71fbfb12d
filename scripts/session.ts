/** A terminal session of the program as an SVG: the commands are run, and what they print is drawn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Io } from '../generator/cli/io.ts';
import { run } from '../generator/cli/main.ts';

/** The commands, and the folder below the session's that each is run in. */
const commands: readonly (readonly [folder: string, line: string])[] = [
  ['.', 'glyphoxa-kustomize init box --single --image registry.example.com/glyphoxa:1a2b3c4'],
  ['box', 'glyphoxa-kustomize explain gateway.replicaCount --env production'],
  ['box', 'glyphoxa-kustomize secrets init production'],
  ['box', 'glyphoxa-kustomize validate . overlays'],
];

const columns = 92;
const [size, lineHeight, left, top] = [14, 20, 24, 62];

/** Runs the session and draws it. */
export async function session(): Promise<string> {
  const home = mkdtempSync(path.join(tmpdir(), 'session-'));
  try {
    const lines: string[] = [];
    for (const [index, [folder, line]] of commands.entries()) {
      if (index === 1) lines.push(`${prompt}cd box`);
      lines.push(`${prompt}${line}`, ...(await printed(path.join(home, folder), line)));
    }
    return drawn(lines, 'a session in a terminal', { columns, rows: lines.length });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const code = '\u001b[';
const prompt = `${code}35m$${code}39m `;

/** Runs a command line of the program in a folder, and gives what it prints, in colour. */
export async function printed(cwd: string, line: string): Promise<string[]> {
  let text = '';
  const screen = { columns, write: (more: string) => (text += more) };
  const io: Io = {
    stdout: screen,
    stderr: screen,
    stdin: (async function* () {})(),
    env: {},
    cwd,
    isTTY: false,
    color: true,
    onInterrupt: () => () => {},
  };
  const exit = await run(line.split(' ').slice(1), io);
  if (exit !== 0) throw new Error(`${line} ended with ${exit}: ${text}`);
  return text.trimEnd().split('\n');
}

/** What a code of a terminal's colours makes of the text behind it, as the style sheet names it. */
const looks: { readonly [code: string]: string } = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  34: 'blue',
  35: 'prompt',
  36: 'cyan',
  7: 'chosen',
};

/** Cells of a line that stand out. */
export interface Mark {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

interface Drawing {
  readonly columns: number;
  readonly rows: number;
  readonly marks?: readonly Mark[];
}

/** How wide a character is, in parts of its size, in the fonts that terminals have. */
const cell = size * 0.602;

/** Draws lines with the codes of their colours as a terminal. */
export function drawn(
  lines: readonly string[],
  label: string,
  { columns, rows, marks = [] }: Drawing,
): string {
  const width = left * 2 + Math.ceil(columns * cell);
  const height = top + rows * lineHeight + 16;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" class="glyphoxa-session" role="img" aria-label="${label}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<style>\n${style}\n</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="12"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, index) => `<circle cx="${left + 6 + index * 20}" cy="24" r="6" fill="${fill}"/>`,
    ),
    ...marks.map(
      ({ row, from, to }) =>
        `<rect class="mark" x="${(left + from * cell).toFixed(1)}" y="${top + row * lineHeight - 15}" width="${((to - from) * cell).toFixed(1)}" height="${lineHeight}"/>`,
    ),
    ...lines.map(
      (line, index) =>
        `<text xml:space="preserve" x="${left}" y="${top + index * lineHeight}">${spans(line)}</text>`,
    ),
    '</svg>',
  ].join('\n')}\n`;
}

const style = `.glyphoxa-session text{font:${size}px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;fill:#e6e9f5}
.glyphoxa-session .ground{fill:#12152a;stroke:#2a3050}
.glyphoxa-session .bold{font-weight:bold}
.glyphoxa-session .dim{fill:#99a1c2}
.glyphoxa-session .red{fill:#ff8f8f}
.glyphoxa-session .green{fill:#8fe3a6}
.glyphoxa-session .yellow{fill:#f7d774}
.glyphoxa-session .blue{fill:#9db8ff}
.glyphoxa-session .cyan{fill:#7fe0e8}
.glyphoxa-session .prompt{fill:#c4a7ff}
.glyphoxa-session .mark{fill:#2f3763}
.glyphoxa-session .chosen{fill:#ffffff;font-weight:bold}
@media print{.glyphoxa-session .ground{fill:#ffffff;stroke:#888888}.glyphoxa-session text,.glyphoxa-session tspan{fill:#111111}}`;

/** A line with its colours as spans. */
function spans(line: string): string {
  let look: string[] = [];
  const parts = line.split(new RegExp(`${code.replace('[', '\\[')}(\\d+)m`));
  return parts
    .map((part, index) => {
      if (index % 2 === 0) {
        const text = part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        return text === '' || look.length === 0 ? text : `<tspan class="${look.join(' ')}">${text}</tspan>`;
      }
      const name = looks[part];
      if (name !== undefined) look = [...look, name];
      else
        look =
          part === '22'
            ? look.filter((each) => each !== 'bold' && each !== 'dim')
            : look.filter((each) => each === 'bold' || each === 'dim');
      return '';
    })
    .join('');
}
