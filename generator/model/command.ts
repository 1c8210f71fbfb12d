/**
 * The command lines that messages and hints name. Each stands in double quotes and holds none, so that where it begins and
 * ends is plain; whatever it names, a file or an environment, is quoted for a shell.
 */

/**
 * The states that name commands, and whether these end the state or only show more of it. Each is named at one place: what
 * two places name has a state for each.
 */
export const advised = {
  adopt: 'ends',
  'config-map-key-missing': 'ends',
  'config-map-missing': 'ends',
  credentials: 'shows',
  'credentials/plugin': 'shows',
  'database-missing': 'ends',
  'database-missing/secret': 'ends',
  'database-not-ready': 'shows',
  draining: 'ends',
  'helm-failed': 'shows',
  'kept-parked': 'ends',
  'helm-uninstalling': 'ends',
  'init-apply': 'shows',
  'init-apply/database': 'shows',
  immutable: 'ends',
  imported: 'shows',
  'imported/tenant': 'shows',
  'init-next': 'ends',
  'init-secrets': 'ends',
  'initialized-existing': 'ends',
  'initialized-sealed': 'ends',
  'kept-of-helm': 'ends',
  kubeconfig: 'shows',
  'log-hidden': 'shows',
  'namespace-leaving': 'shows',
  'namespace-missing': 'ends',
  'namespace-missing/diff': 'ends',
  'no-base': 'ends',
  'no-build': 'shows',
  'no-cluster': 'shows',
  'no-context': 'shows',
  'no-kustomization': 'ends',
  'no-resource': 'ends',
  'no-secret-files': 'ends',
  'no-user': 'shows',
  'node-lost': 'shows',
  'not-deployed': 'ends',
  'not-deployed/status': 'ends',
  'operator-missing': 'ends',
  'other-chart': 'ends',
  paused: 'ends',
  'plugin-missing': 'ends',
  'pull-secret-missing': 'ends',
  'rollout-deadline': 'shows',
  'rollout-not-ready': 'shows',
  'rollout-paused': 'ends',
  'rollout-superseded': 'shows',
  'runs-elsewhere': 'ends',
  'runs-elsewhere/beside': 'ends',
  'runs-on': 'ends',
  sealed: 'ends',
  'sealed-stale': 'ends',
  'secret-key-missing': 'ends',
  'secret-missing': 'ends',
  'secret-missing/existing': 'ends',
  'secret-not-made': 'shows',
  'secrets-readable': 'ends',
  'secrets-stale': 'ends',
  'service-account-missing': 'ends',
  'set-existing': 'ends',
  'set-sealed': 'ends',
  'stop-superseded': 'shows',
  stopped: 'ends',
  'stopped/status': 'ends',
  'stopped/restart': 'ends',
  'stopped/diff': 'ends',
  'stopped/apply': 'ends',
  timeout: 'shows',
  'tree-stale': 'ends',
  'tree-stale/generate': 'ends',
} as const;

/** A state that names commands. */
export type Advised = keyof typeof advised;

/** A word of a command line, several, or a piece of it that is one already. */
type Words = string | readonly string[] | { readonly line: string };

/**
 * Writes a command line that a state names: what is filled in becomes a word each. Every command that is named is written
 * here; `test/lifecycle/hints` says of each state whether its command is tried as it is printed.
 *
 * @example advise('namespace-missing')`kubectl create namespace ${namespace}`
 */
export function advise(_state: Advised): (texts: TemplateStringsArray, ...words: readonly Words[]) => string {
  return (texts, ...words) => `"${commandLine(texts, ...words)}"`;
}

/** A command line without the quotes around it. */
export function commandLine(texts: TemplateStringsArray, ...words: readonly Words[]): string {
  const parts = texts.map((text, index) => {
    const filled = words[index] ?? [];
    if (typeof filled === 'string') return text + shellWord(filled);
    return text + ('line' in filled ? filled.line : filled.map(shellWord).join(' '));
  });
  return parts.join('').replace(/ {2,}/g, ' ').trim();
}

/** A command line that {@link advise} wrote, in its quotes. */
const quoted = /"((?:chmod|glyphoxa-kustomize|helm|kubectl) [^"]+)"/g;

/** The command lines that a text names, as {@link advise} wrote them. */
export function commandsIn(text: string): string[] {
  return [...text.matchAll(quoted)].map(([, line = '']) => line);
}

/** The words of a text, between which its line may be broken: a command line stays whole, so that it can be copied. */
export function wordsOf(text: string): string[] {
  const whole = text.replace(quoted, (command) => command.replaceAll(' ', '\0'));
  return whole.split(' ').map((word) => word.replaceAll('\0', ' '));
}

/** The options by which a run was led to its environment and cluster. */
export interface Lead {
  readonly dir?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

/** The same, with every command line in its texts led to the environment and the cluster of the run that tells them. */
export function led<T>(value: T, lead: Lead): T {
  if (typeof value === 'string')
    return value.replace(quoted, (_, line: string) => `"${ledLine(line, lead)}"`) as T;
  if (Array.isArray(value)) return value.map((item) => led(item, lead)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, led(item, lead)])) as T;
}

/** The commands that take the options of a run on a cluster. */
const onCluster = /^glyphoxa-kustomize (?:apply|destroy|diff|infrastructure|restart|start|status|stop) /;

function ledLine(line: string, { dir, kubeconfig, context, namespace }: Lead): string {
  if (/ --(?:kube-)?context=/.test(line)) return line;
  const options = (named: { readonly [option: string]: string | undefined }) =>
    Object.entries(named).flatMap(([name, value]) =>
      value === undefined ? [] : [` ${shellWord(`--${name}=${value}`)}`],
    );
  const place = options({ kubeconfig, context }).join('');
  return line
    .split(/(?<= (?:\||&&) )/)
    .map((part) => {
      const [, command = part, joint = ''] = /^(.*?)( (?:\||&&) )?$/s.exec(part) ?? [];
      if (onCluster.test(command)) {
        const own = options({ dir, namespace: / -n /.test(command) ? undefined : namespace }).join('');
        return command + own + place + joint;
      }
      if (/ --(?:cluster|fetch)$/.test(command)) return command + place + joint;
      if (command.startsWith('helm '))
        return command + options({ kubeconfig, 'kube-context': context }).join('') + joint;
      return command.replace(/^kubectl /, `kubectl${place} `) + joint;
    })
    .join('');
}

/** A word as a shell reads it again; never with a double quote or a control character. */
function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (!/["\u0000-\u001f\u007f-\u009f]/.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = (character: string) =>
    character === '\\' || character === "'"
      ? `\\${character}`
      : `\\x${Buffer.from(character)
          .toString('hex')
          .replace(/..(?=.)/g, '$&\\x')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  return `$'${word.replace(/["'\\\u0000-\u001f\u007f-\u009f]/g, escaped)}'`;
}
