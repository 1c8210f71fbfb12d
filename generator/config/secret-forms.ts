/** What looks like a secret, where nothing but a name or the text itself tells it. */

/** A part of a text: from a character, up to another. */
export type Range = readonly [from: number, to: number];

const secretName =
  /(?:^|[-_.])(?:key|dsn|client_id|pwd|bearer|authorization)$|(?:api|access|private|admin)key$|token$|secret$|passw|credential/i;

/** Whether the value of a field, a variable or a header may be a secret, by its name. `key` alone names too much. */
export function isSecretName(name: string): boolean {
  return name !== 'key' && secretName.test(name);
}

/** Whether a name speaks of secrets at all: more than {@link isSecretName}, for values that are looked for elsewhere. */
export function speaksOfSecrets(name: string): boolean {
  return /key|token|secret|passw|dsn|auth|credential/i.test(name);
}

/** All runs in patterns are bounded, so that a long line takes no longer than its length. */
const address = /[a-z][a-z0-9+.-]{0,63}:\/\/[^\s<>|]+/gi;

/** What stands before the host of a URL, and the values of its query. */
export function urlRanges(text: string): Range[] {
  const ranges: Range[] = [];
  const start = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0].length;
  const end = start === undefined ? 0 : start + (/^[^/?#]*@/.exec(text.slice(start))?.[0].length ?? 0) - 1;
  if (start !== undefined && end > start) ranges.push([start, end]);
  const query = text.indexOf('?');
  if (query === -1) return ranges;
  const fragment = text.indexOf('#', query);
  let from = query + 1;
  for (const pair of text.slice(from, fragment === -1 ? undefined : fragment).split('&')) {
    const value = from + pair.indexOf('=') + 1;
    const to = from + pair.length;
    if (to > value) ranges.push([value, to]);
    from = to + 1;
  }
  return ranges;
}

const keyName = '[\\w.-]{0,64}(?:key|token|secret|passw|pwd|auth|credential|bearer|dsn)[\\w.-]{0,64}';
const keyArgument = new RegExp(
  `(?:^|\\s)["']?(?:-{1,2}${keyName}(?:\\s*[=:]\\s*|\\s+)|${keyName}\\s*[=:]\\s*)(?!-)` +
    `(?:(?:bearer|basic|token)\\s+)?(?:"([^"]+)"|'([^']+)'|([^\\s"']+))`,
  'dgi',
);

/** Arguments behind `--api-key` and the like, and the secret parts of URLs among the arguments. */
export function argumentRanges(text: string): Range[] {
  return [...groupRanges(text, keyArgument), ...addressRanges(text)];
}

/** What is secret in the URLs of a text, which end where a quote or a bracket does. */
function addressRanges(text: string): Range[] {
  return [...text.matchAll(address)].flatMap(({ 0: found, index }) =>
    urlRanges(found.replace(/["'`),;\]}]+$/, '')).map(([from, to]): Range => [from + index, to + index]),
  );
}

/** `user:password@host` without a scheme, as in image references and connection strings; no tag before a digest. */
const login = /(?<![\w.%+-])[\w.%+-]{1,64}:([^\s@/:"'`]{1,200})@(?!sha\d{3}:)(?=[\w.[(-])/dg;

/** The passwords of a text that stand before a host, in URLs and without them. */
export function credentialRanges(text: string): Range[] {
  return [...addressRanges(text), ...groupRanges(text, login)];
}

/** `name: value` and `name=value`; of a line that begins with the name, all that follows. */
const assignments = [
  /(?<name>[\w.-]{1,64})["']?\s*[=:]\s*(?:(?:bearer|basic|token)\s+)?(?:"((?:[^"\\]|\\.)+)"|'((?:[^'\\]|\\.|'')+)'|([^\s"',;&{}[\]()|>][^\s"',;&{}[\]()]*))/dgi,
  /^[ \t]*(?:- +)?["']?(?<name>[\w.-]+)["']?:[ \t]+(?!(?:bearer|basic|token)\s)([^\s"'{[(|>].*)$/dgim,
];

/** What has the form of a token, follows the word that announces one, or begins as keys of well-known services do. */
const tokens = [
  /\b(eyJ[\w-]+\.[\w-]+\.[\w-]*)/dg,
  /\bbearer\s+([\w.~+/-]{16,}=*)/dgi,
  /\b((?:sk|pk|rk)[-_](?=[\w-]{0,200}\d)(?=[\w-]{0,200}[A-Z])[\w-]{20,200}|gh[opsu]_\w{30,}|glpat-[\w-]{18,}|xox[abps]-[\w-]{20,}|AIza[\w-]{30,}|AKIA[0-9A-Z]{16})\b/dg,
];

/**
 * The parts of any text that have the form of a secret: credentials and query values of URLs, values behind the name of a
 * secret, tokens.
 */
export function formRanges(text: string): Range[] {
  return [
    ...credentialRanges(text),
    ...assignments.flatMap((pattern) => groupRanges(text, pattern, isSecretName)),
    ...tokens.flatMap((pattern) => groupRanges(text, pattern)),
  ];
}

/** Words that are no secret, and what is hidden already. */
const saysNothing = /^(?:true|false|null|~)$|^\(hidden/;

/** Where the groups of a pattern stand; of those that have a name of their own where that is one of a secret. */
function groupRanges(
  text: string,
  pattern: RegExp,
  isMeant: (name: string) => boolean = () => true,
): Range[] {
  const ranges: Range[] = [];
  for (const match of text.matchAll(pattern)) {
    const name = match.groups?.name;
    if (name !== undefined && !isMeant(name)) continue;
    const groups = (match.indices ?? []).slice(name === undefined ? 1 : 2);
    for (const range of groups) {
      if (range !== undefined && !saysNothing.test(text.slice(...range))) ranges.push(range);
    }
  }
  return ranges;
}

/** How a text can hold secrets in parts of it. */
export type SecretPartsOf = 'url' | 'argument';
