/** Where the cluster is and who asks it, found as kubectl finds them. */

import { existsSync, readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { homedir } from 'node:os';
import path from 'node:path';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { KubeConfig } from '#kube-config';
import { suggest } from '../../config/suggest.ts';
import { advise } from '../../model/command.ts';
import { Failure, failure } from '../../model/finding.ts';
import { quote } from '../../model/quote.ts';
import { trace } from '../../model/trace.ts';
import { type LoginOptions, pluginLogin } from './credential-plugin.ts';
import { type Headers, readKubeconfig, tokenFrom } from './kubeconfig-file.ts';
import { proxyFor } from './proxy.ts';

/** How a command line names a cluster; everything that is left out is taken as kubectl takes it. */
export interface ClusterChoice {
  /** `--kubeconfig`. @default the files of `KUBECONFIG`, else `~/.kube/config`, else the pod's own account */
  readonly kubeconfig?: string;
  /** `--context`. @default the kubeconfig's current one */
  readonly context?: string;
  /** `--namespace`. @default the context's */
  readonly namespace?: string;
  readonly env: { readonly [name: string]: string | undefined };
  /** The folder that a relative `--kubeconfig` begins at. */
  readonly cwd: string;
  /** Where a pod finds its own account. @default /var/run/secrets/kubernetes.io/serviceaccount */
  readonly accountFolder?: string;
  /** How many requests may be under way at the same time, each on a connection of its own. @default 6 */
  readonly connections?: number;
}

/** A cluster, and who asks it. */
export interface ClusterAccess {
  /** The context's name; `in-cluster` where a pod's own account is used. */
  readonly context: string;
  /** `https://HOST:PORT`, with a path where the kubeconfig has one. */
  readonly server: string;
  /** The namespace of `--namespace` or the context; undefined where neither names one. */
  readonly namespace: string | undefined;
  /** The file of `--kubeconfig`; undefined where none was named, and others find the same by the environment. */
  readonly kubeconfig?: string | undefined;
  /**
   * What goes with every request: where it goes through, and who asks. Renewed by itself as it gets old.
   *
   * @param signal ends a credential plugin that runs
   */
  credentials(signal?: AbortSignal): Promise<Credentials>;
}

/** What goes with a request. */
export interface Credentials {
  readonly agent: Agent;
  readonly headers: Headers;
}

/** What the context is called where there is no kubeconfig. */
export const inCluster = 'in-cluster';

/** As many connections as browsers open to one server. */
const usualConnections = 6;

/** How old credentials may get before they are asked for again, where nothing says how long they are good. */
const credentialsAgeMs = 60_000;

/** So long before its end a credential is renewed, in milliseconds, since clocks differ and requests take time. */
const earlyMs = 10_000;

/**
 * Finds the cluster.
 *
 * @throws Failure where no kubeconfig is there, or it does not have what was asked for
 */
export function findCluster(choice: ClusterChoice): ClusterAccess {
  const config = loadConfig(choice);
  const name = choice.context ?? config.currentContext;
  const why = choice.context === undefined ? 'the current one of the kubeconfig' : '--context names it';
  trace(() => `use the context ${name}: ${why}`);
  const context = config.getContextObject(name);
  if (context === null) throw noContext(config, choice.context);
  config.setCurrentContext(name);
  const cluster = config.getCurrentCluster();
  if (cluster === null || cluster.server === '') {
    const hint = `see ${advise('no-cluster')`kubectl config get-contexts`}`;
    throw failure('no-cluster', `the context ${quote(name)} names no cluster of the kubeconfig`, hint);
  }
  if (!/^https?:\/\/./.test(cluster.server) || !URL.canParse(cluster.server)) {
    const message = `the server ${quote(cluster.server)} of the context ${quote(name)} is no URL`;
    throw failure('no-cluster', message, 'write it as https://HOST:PORT');
  }
  if (context.user !== undefined && config.getUser(context.user) === null) {
    const hint = `see ${advise('no-user')`kubectl config get-users`}`;
    throw failure('no-user', `the context ${quote(name)} names no user of the kubeconfig`, hint);
  }
  const proxyUrl = cluster.proxyUrl || proxyFor(cluster.server, choice.env);
  if (proxyUrl !== undefined)
    config.clusters = config.clusters.map((each) => (each === cluster ? { ...each, proxyUrl } : each));
  return {
    context: name,
    server: cluster.server.replace(/\/+$/, ''),
    namespace: choice.namespace ?? context.namespace,
    kubeconfig: choice.kubeconfig === undefined ? undefined : path.resolve(choice.cwd, choice.kubeconfig),
    credentials: renewing(config, choice),
  };
}

function loadConfig(choice: ClusterChoice): KubeConfig {
  const config = new KubeConfig();
  const files = configFiles(choice);
  if (files.length > 0) {
    const why = choice.kubeconfig ? '--kubeconfig' : choice.env.KUBECONFIG ? 'KUBECONFIG' : 'its usual place';
    trace(() => `read ${files.join(', ')}: the kubeconfig, by ${why}`);
    config.loadFromOptions(merged(files.map(readKubeconfig)));
    return config;
  }
  const account = choice.context === undefined ? podAccount(choice) : undefined;
  if (account === undefined) {
    throw failure(
      'no-kubeconfig',
      'there is no kubeconfig',
      'set KUBECONFIG, write ~/.kube/config, or name a file with --kubeconfig',
    );
  }
  config.loadFromOptions(account);
  return config;
}

/** The account that a pod runs as; undefined where this is no pod, or one without a token. */
function podAccount({
  env,
  accountFolder: folder = '/var/run/secrets/kubernetes.io/serviceaccount',
}: ClusterChoice) {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, POD_NAMESPACE: namespace } = env;
  const [tokenFile, caFile, namespaceFile] = ['token', 'ca.crt', 'namespace'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const own = existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : undefined;
  return {
    clusters: [{ name: inCluster, server, skipTLSVerify: false, ...(existsSync(caFile) ? { caFile } : {}) }],
    users: [{ name: inCluster, ...tokenFrom(tokenFile) }],
    contexts: [{ name: inCluster, cluster: inCluster, user: inCluster, namespace: namespace || own }],
    currentContext: inCluster,
  };
}

/** The files of the kubeconfig that are there, the most important first. */
function configFiles({ kubeconfig, env, cwd }: ClusterChoice): string[] {
  if (kubeconfig !== undefined) {
    const file = path.resolve(cwd, kubeconfig);
    if (existsSync(file)) return [file];
    throw failure('no-kubeconfig', `${kubeconfig} does not exist`, 'name a kubeconfig that is there');
  }
  const listed = env.KUBECONFIG?.split(path.delimiter).filter((file) => file !== '') ?? [];
  const files = listed.length > 0 ? listed : [path.join(env.HOME ?? homedir(), '.kube', 'config')];
  return files.map((file) => path.resolve(cwd, file)).filter((file) => existsSync(file));
}

/** Several files as one: for each name the first file that has it counts. */
function merged(configs: readonly KubeConfig[]) {
  const first = <T extends { readonly name: string }>(lists: readonly T[][]): T[] => {
    const seen = new Map<string, T>();
    for (const item of lists.flat()) if (!seen.has(item.name)) seen.set(item.name, item);
    return [...seen.values()];
  };
  return {
    clusters: first(configs.map(({ clusters }) => clusters ?? [])),
    users: first(configs.map(({ users }) => users ?? [])),
    contexts: first(configs.map(({ contexts }) => contexts ?? [])),
    currentContext: configs.map(({ currentContext }) => currentContext).find(Boolean) ?? '',
  };
}

function noContext(config: KubeConfig, asked: string | undefined) {
  const known = config.contexts.map(({ name }) => name);
  if (asked === undefined) {
    const hint = `choose one with --context; ${advise('no-context')`kubectl config get-contexts`} shows them; known: ${known.join(', ') || 'none'}`;
    return failure('no-context', 'the kubeconfig has no current context', hint);
  }
  const close = suggest(asked, known);
  const hint = close === undefined ? `known: ${known.join(', ') || 'none'}` : `did you mean ${close}?`;
  return failure('no-context', `the kubeconfig has no context ${quote(asked)}`, hint);
}

function renewing(
  config: KubeConfig,
  { env, connections = usualConnections }: ClusterChoice,
): (signal?: AbortSignal) => Promise<Credentials> {
  config.addAuthenticator(pluginLogin(config, env));
  let last: { readonly asked: Promise<Login>; until: number } | undefined;
  return async (signal) => {
    if (last === undefined || Date.now() >= last.until) {
      const asked = logIn(config, connections, last?.asked, signal);
      const login = { asked, until: Number.POSITIVE_INFINITY };
      last = login;
      asked.then(
        ({ until }) => {
          login.until = until;
        },
        () => {
          if (last === login) last = undefined;
        },
      );
    }
    return (await last.asked).credentials;
  };
}

interface Login {
  readonly credentials: Credentials;
  /** When to log in again, in milliseconds since 1970. */
  readonly until: number;
}

/** Reads tokens and runs plugins. The connections are kept while the certificate of the client is the same. */
async function logIn(
  config: KubeConfig,
  connections: number,
  before?: Promise<Login>,
  signal?: AbortSignal,
): Promise<Login> {
  const options: LoginOptions = { headers: {}, ...(signal === undefined ? {} : { signal }) };
  try {
    await config.applyToHTTPSOptions(options as never);
  } catch (error) {
    if (error instanceof Failure || signal?.aborted) throw error;
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw failure(
      'credentials',
      `the kubeconfig's user cannot log in: ${why}`,
      `see ${advise('credentials')`kubectl auth whoami`}`,
    );
  }
  const agent = options.agent as Agent & {
    options: SecureContextOptions & { keepAlive?: boolean; secureContext?: SecureContext };
  };
  const headers: { [name: string]: string | readonly string[] } = Object.fromEntries(
    // A file with a token may end with a line break.
    Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value).trim()]),
  );
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const user = config.getCurrentUser();
  if (user !== null && 'headers' in user) Object.assign(headers, user.headers);
  const until = options.expiresAt === undefined ? Date.now() + credentialsAgeMs : options.expiresAt - earlyMs;
  const old = (await before?.catch(() => undefined))?.credentials.agent as typeof agent | undefined;
  const identity = ({ options: { key, cert } }: typeof agent) => `${key} ${cert}`;
  if (old !== undefined && identity(old) === identity(agent))
    return { credentials: { agent: old, headers }, until };
  // A connection for each request would cost a handshake each, and each handshake the parsing of certificates.
  Object.assign(agent, { keepAlive: true, maxSockets: connections });
  agent.options.keepAlive = true;
  agent.options.secureContext = createSecureContext(agent.options);
  return { credentials: { agent, headers }, until };
}
