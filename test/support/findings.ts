/**
 * What text says of findings, read back: tests hold codes, places and names, and leave the sentences free to change.
 */
import assert from 'node:assert/strict';

/** Where a finding begins: on a line of its own, or behind a question without an answer, or the name of an error. */
const headline = /^(?:\S.*?: )??(?:(\S.*?:\d+:\d+): )?(error|warning) ([a-z0-9-]+): /;

/** Words of a sentence; a command line or a name is none. */
const prose = /^(?!(?:docker|glyphoxa-kustomize|helm|kubectl|npm) ).*(?<![\w-])[a-z]+ [a-z]+ [a-z]+(?![\w-])/;

/** Each finding that text tells of: its headline, and the lines below that belong to it. */
function findingsIn(text: string): { head: string; code: string; text: string }[] {
  const found: { head: string; code: string; text: string }[] = [];
  for (const line of text.split('\n')) {
    const [, place, severity, code] = headline.exec(line) ?? [];
    const last = found.at(-1);
    if (severity !== undefined && code !== undefined) {
      found.push({ head: `${place === undefined ? '' : `${place}: `}${severity} ${code}`, code, text: line });
    } else if (last !== undefined && /^ /.test(line)) last.text += `\n${line}`;
  }
  return found;
}

/** The codes of the findings that text tells of, in its order. */
export function codesIn(text: string): string[] {
  return findingsIn(text).map(({ code }) => code);
}

/**
 * Asserts that text tells of a finding, `error CODE` or `FILE:LINE:COL: warning CODE`, whose headline, details or hint
 * have all the names: of objects, options, files, values, or commands to run.
 */
export function tells(text: string, finding: string, ...names: readonly string[]): void {
  for (const name of names) assert.doesNotMatch(name, prose, 'a test holds names, not sentences');
  const alike = findingsIn(text).filter(({ head }) => head === finding || head.endsWith(`: ${finding}`));
  assert.ok(alike.length > 0, `no ${finding} in:\n${text}`);
  const isNamed = (said: string) => names.every((name) => isWordIn(name, said));
  assert.ok(
    alike.some((found) => isNamed(found.text)),
    `no ${finding} that names ${names.join(' and ')} in:\n${text}`,
  );
}

/** Whether a text has a name that is not a part of a longer one. */
function isWordIn(name: string, text: string): boolean {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const [first, last] = [/^\w/.test(name) ? '(?<!\\w)' : '', /\w$/.test(name) ? '(?!\\w)' : ''];
  return new RegExp(`${first}${escaped}${last}`).test(text);
}
