/** Where the cluster is and who asks it, found as kubectl finds them. */
import { existsSync } from 'node:fs';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import path from 'node:path';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { suggest } from '../../config/suggest.ts';
import { failure } from '../../model/finding.ts';
import { quote } from '../../model/quote.ts';

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
  /** What goes with every request: where it goes through, and who asks. Renewed by itself as it gets old. */
  credentials(): Promise<Credentials>;
}

/** What goes with a request. */
export interface Credentials {
  readonly agent: Agent;
  readonly headers: { readonly [name: string]: string };
}

/** What the context is called where there is no kubeconfig. */
export const inCluster = 'in-cluster';

/** How old credentials of an exec plugin or a token file may get before they are asked for again. */
const credentialsAgeMs = 60_000;

/**
 * Finds the cluster.
 *
 * @throws Failure where no kubeconfig is there, or it does not have what was asked for
 */
export function findCluster(choice: ClusterChoice): ClusterAccess {
  const config = loadConfig(choice);
  const name = choice.context ?? config.currentContext;
  const context = config.getContextObject(name);
  if (context === null) throw noContext(config, choice.context);
  config.setCurrentContext(name);
  const cluster = config.getCurrentCluster();
  if (cluster === null || cluster.server === '') {
    const hint = 'see "kubectl config get-contexts"';
    throw failure('no-cluster', `the context ${quote(name)} names no cluster of the kubeconfig`, hint);
  }
  return {
    context: name,
    server: cluster.server.replace(/\/+$/, ''),
    namespace: choice.namespace ?? context.namespace,
    kubeconfig: choice.kubeconfig === undefined ? undefined : path.resolve(choice.cwd, choice.kubeconfig),
    credentials: renewing(config),
  };
}

function loadConfig(choice: ClusterChoice): KubeConfig {
  const config = new KubeConfig();
  const files = configFiles(choice);
  if (files.length > 0) {
    config.loadFromOptions(merged(files.map(readConfig)));
    return config;
  }
  if (choice.env.KUBERNETES_SERVICE_HOST === undefined || choice.context !== undefined) {
    throw failure(
      'no-kubeconfig',
      'there is no kubeconfig',
      'set KUBECONFIG, write ~/.kube/config, or name a file with --kubeconfig',
    );
  }
  config.loadFromCluster();
  const [cluster] = config.clusters;
  const [context] = config.contexts;
  config.contexts = [
    { ...context, name: inCluster, cluster: cluster?.name ?? '', user: context?.user ?? '' },
  ];
  config.setCurrentContext(inCluster);
  return config;
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

function readConfig(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw failure(
      'kubeconfig',
      `${file} cannot be read as a kubeconfig: ${why}`,
      'see "kubectl config view"',
    );
  }
  const folder = path.dirname(file);
  config.makePathsAbsolute(folder);
  for (const { exec } of config.users) {
    const command = exec?.command;
    // A command with a folder is relative to the file, as for kubectl; one without is looked for on the PATH.
    if (typeof command === 'string' && command.includes('/')) exec.command = path.resolve(folder, command);
  }
  return config;
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
    const hint = `choose one with --context or "kubectl config use-context"; known: ${known.join(', ') || 'none'}`;
    return failure('no-context', 'the kubeconfig has no current context', hint);
  }
  const close = suggest(asked, known);
  const hint = close === undefined ? `known: ${known.join(', ') || 'none'}` : `did you mean ${close}?`;
  return failure('no-context', `the kubeconfig has no context ${quote(asked)}`, hint);
}

function renewing(config: KubeConfig): () => Promise<Credentials> {
  let last:
    | { readonly at: number; readonly secret: string; readonly credentials: Promise<Credentials> }
    | undefined;
  return () => {
    const now = performance.now();
    if (last !== undefined && now - last.at < credentialsAgeMs) return last.credentials;
    const before = last;
    const asked = askForCredentials(config, before?.credentials);
    last = { at: now, secret: '', credentials: asked };
    asked.catch(() => {
      last = undefined;
    });
    return asked;
  };
}

/** Reads tokens and runs plugins. The connections are kept while the certificate of the client is the same. */
async function askForCredentials(config: KubeConfig, before?: Promise<Credentials>): Promise<Credentials> {
  const options: RequestOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options as never);
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw failure('credentials', `the kubeconfig's user cannot log in: ${why}`, 'see "kubectl auth whoami"');
  }
  const agent = options.agent as Agent & {
    options: SecureContextOptions & { keepAlive?: boolean; secureContext?: SecureContext };
  };
  const headers = Object.fromEntries(
    Object.entries(options.headers as { [name: string]: unknown }).map(([name, value]) => [
      name,
      String(value),
    ]),
  );
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const old = (await before?.catch(() => undefined))?.agent as typeof agent | undefined;
  if (old !== undefined && String(old.options.key) === String(agent.options.key))
    return { agent: old, headers };
  // A connection for each request would cost a handshake each, and each handshake the parsing of certificates.
  Object.assign(agent, { keepAlive: true, maxSockets: 6 });
  agent.options.keepAlive = true;
  agent.options.secureContext = createSecureContext(agent.options);
  return { agent, headers };
}
