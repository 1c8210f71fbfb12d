/** The keys that a terminal sends. */

/** A key, by its name (`up`, `enter`, `ctrl-s`, `alt-x`), or a text that was typed or pasted. */
export interface Key {
  readonly name: string;
  /** Of a letter or sign that was typed, or of a whole text that was pasted. */
  readonly text?: string;
}

/** What follows `ESC [` or `ESC O`. Source: xterm's control sequences, and those of rxvt and of the Linux console. */
const named: { readonly [sequence: string]: string } = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
  '1~': 'home',
  '3~': 'delete',
  '4~': 'end',
  '5~': 'page-up',
  '6~': 'page-down',
  '7~': 'home',
  '8~': 'end',
};

const controls: { readonly [character: string]: string } = {
  '\r': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x1b': 'escape',
};

const [pasteBegin, pasteEnd] = ['\x1b[200~', '\x1b[201~'];

/**
 * The keys in what a terminal sent.
 *
 * @param isLast whether nothing follows, so that an escape is a key by itself
 * @returns the keys, and the rest that is the beginning of a key
 */
export function keysIn(sent: string, isLast: boolean): { keys: Key[]; rest: string } {
  const keys: Key[] = [];
  let rest = sent;
  while (rest !== '') {
    const next = nextKey(rest, isLast);
    if (next === undefined) break;
    if (next.key !== undefined) keys.push(next.key);
    rest = rest.slice(next.length);
  }
  return { keys, rest };
}

function nextKey(text: string, isLast: boolean): { key?: Key; length: number } | undefined {
  if (text.startsWith(pasteBegin)) {
    const end = text.indexOf(pasteEnd);
    if (end === -1) return undefined;
    const pasted = text.slice(pasteBegin.length, end).replace(/\r\n?/g, '\n');
    return { key: { name: 'paste', text: pasted }, length: end + pasteEnd.length };
  }
  if (text.startsWith('\x1b')) return escapeKey(text, isLast);
  const [character = ''] = text;
  const control = controls[character];
  if (control !== undefined) return { key: { name: control }, length: 1 };
  const code = character.charCodeAt(0);
  if (code === 0) return { length: 1 };
  if (code < 27) return { key: { name: `ctrl-${String.fromCharCode(code + 96)}` }, length: 1 };
  if (code < 32) return { length: 1 };
  return { key: { name: character, text: character }, length: character.length };
}

function escapeKey(text: string, isLast: boolean): { key?: Key; length: number } | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send them
  const sequence = /^\x1b(?:\[(?:\[[A-E]|[0-9;:<=>?]*[ -/]*[@-~])|O[0-9;]*[@-~])/.exec(text)?.[0];
  if (sequence !== undefined) {
    const [, modifiers = '', last = ''] = /^..(?:1;|(?=\d+;))?([\d;]*)(.)$/.exec(sequence) ?? [];
    const [first = '', modifier] = last === '~' ? modifiers.split(';') : ['', modifiers];
    const name = named[last === '~' ? `${first}~` : last];
    if (name === undefined) return { length: sequence.length };
    return { key: { name: modifier === '5' ? `ctrl-${name}` : name }, length: sequence.length };
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send them
  if (!isLast && /^\x1b(?:[[O][0-9;:<=>?[]*)?$/.test(text)) return undefined;
  const [, second = ''] = text;
  const isWithLetter = /^[\r!-~]$/.test(second) && second !== '[';
  if (!isWithLetter) return { key: { name: 'escape' }, length: 1 };
  return { key: { name: second === '\r' ? 'alt-enter' : `alt-${second}` }, length: 2 };
}
