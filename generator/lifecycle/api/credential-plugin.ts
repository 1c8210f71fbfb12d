/** Logging in by a credential plugin that a kubeconfig names, which is run as kubectl runs it. */

import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { isatty } from 'node:tty';
import type { KubeConfig } from '#kube-config';
import { advise } from '../../model/command.ts';
import { type Failure, failure } from '../../model/finding.ts';
import { isObject, type JsonObject } from '../../model/json.ts';
import { trace } from '../../model/trace.ts';
import { runProgram } from '../../programs/program.ts';

/** What logging in leads to, as the library collects it. */
export interface LoginOptions extends RequestOptions {
  /** Ends a plugin that runs. */
  signal?: AbortSignal;
  /** Until when it is good, in milliseconds since 1970; unset where nobody says. */
  expiresAt?: number;
}

type Env = { readonly [name: string]: string | undefined };

/**
 * Logs in the users that have a plugin. The library would hide its words, tell it nothing of the cluster, and wait
 * for it for ever.
 */
export function pluginLogin(config: KubeConfig, env: Env): Parameters<KubeConfig['addAuthenticator']>[0] {
  return {
    isAuthProvider: (user) => pluginOf(user) !== undefined,
    async applyAuthentication(user, options: LoginOptions) {
      const plugin = pluginOf(user) ?? {};
      const info = execInfo(plugin, config);
      const printed = await run(
        plugin,
        { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        options.signal,
      );
      const { token, clientCertificateData, clientKeyData, expirationTimestamp } = statusOf(printed, plugin);
      if (typeof clientCertificateData === 'string') options.cert = clientCertificateData;
      if (typeof clientKeyData === 'string') options.key = clientKeyData;
      if (typeof token === 'string' && token !== '')
        options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
      const expiresAt = Date.parse(String(expirationTimestamp));
      if (!Number.isNaN(expiresAt)) options.expiresAt = expiresAt;
    },
  };
}

function pluginOf(user: object): JsonObject | undefined {
  return 'plugin' in user && isObject(user.plugin) ? user.plugin : undefined;
}

/** What a plugin is told: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
function execInfo({ apiVersion, interactiveMode, provideClusterInfo }: JsonObject, config: KubeConfig) {
  const spec: JsonObject = { interactive: interactiveMode !== 'Never' && isatty(0) };
  const cluster = config.getCurrentCluster();
  if (provideClusterInfo === true && cluster !== null) {
    const { server, tlsServerName, skipTLSVerify, caData, caFile, proxyUrl } = cluster;
    const ca = caFile ? readFileSync(caFile).toString('base64') : caData;
    const told = 'pluginConfig' in cluster ? (cluster.pluginConfig as JsonObject) : null;
    spec.cluster = {
      server,
      ...(tlsServerName ? { 'tls-server-name': tlsServerName } : {}),
      ...(skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
      ...(ca ? { 'certificate-authority-data': ca } : {}),
      ...(proxyUrl ? { 'proxy-url': proxyUrl } : {}),
      config: told,
    };
  }
  return { apiVersion: String(apiVersion), kind: 'ExecCredential', spec };
}

/** Its own words go to whoever runs this: it may ask to open a page in a browser. */
async function run(plugin: JsonObject, env: Env, signal: AbortSignal | undefined): Promise<string> {
  const command = String(plugin.command);
  const args = Array.isArray(plugin.args) ? plugin.args.map(String) : [];
  const variables = Array.isArray(plugin.env) ? plugin.env.filter(isObject) : [];
  const own = Object.fromEntries(variables.map(({ name, value }) => [String(name), String(value)]));
  trace(() => `run ${command} …: the user of the kubeconfig logs in by it`);
  const { ok, stdout, end, isMissing } = await runProgram(command, args, {
    env: { ...env, ...own },
    speaks: true,
    signal,
    ...(plugin.interactiveMode !== 'Never' && isatty(0) ? { input: 'terminal' } : {}),
  });
  signal?.throwIfAborted();
  if (ok) return stdout;
  throw isMissing ? notThere(command, plugin.installHint) : noLogin(command, end);
}

function notThere(command: string, installHint: unknown): Failure {
  const hint = typeof installHint === 'string' ? installHint.trim().replace(/\s+/g, ' ') : '';
  return noLogin(command, 'is not there', hint || 'install it, as the maker of the kubeconfig says');
}

/** Nothing of what was printed is told: it may be the credential. */
function statusOf(printed: string, { command }: JsonObject): JsonObject {
  let credential: unknown;
  try {
    credential = JSON.parse(printed);
  } catch {
    // told below
  }
  const status = isObject(credential) ? credential.status : undefined;
  if (isObject(status)) return status;
  throw noLogin(String(command), 'did not print an ExecCredential with a status');
}

function noLogin(
  command: string,
  what: string,
  hint = `see ${advise('credentials/plugin')`kubectl auth whoami`}`,
): Failure {
  return failure('credentials', `the kubeconfig's credential plugin ${command} ${what}`, hint);
}
