/** The proxy that the environment names for a server, as Go's programs read it, kubectl among them. */
import { BlockList, isIP } from 'node:net';

type Env = { readonly [name: string]: string | undefined };

/**
 * The proxy for a server; undefined where it is reached without one. This machine itself always is. Source: Go's
 * golang.org/x/net/http/httpproxy.
 *
 * @param server `https://HOST:PORT`
 * @param env `HTTPS_PROXY` or `HTTP_PROXY`, by the server's scheme, and `NO_PROXY`; in lower case, too
 */
export function proxyFor(server: string, env: Env): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const name = protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY';
  const proxy = env[name] || env[name.toLowerCase()];
  if (!proxy) return undefined;
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const isHere = host === 'localhost' || /^127\./.test(host) || host === '::1';
  const exceptions = (env.NO_PROXY || env.no_proxy || '').toLowerCase().split(',');
  const actualPort = port || (protocol === 'http:' ? '80' : '443');
  if (isHere || exceptions.some((each) => isExcepted(each.trim(), host, actualPort))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** `*`, an address, a range of addresses, a domain with what is below it, or `.domain` for what is below alone. */
function isExcepted(exception: string, host: string, port: string): boolean {
  if (exception === '' || exception === '*') return exception === '*';
  const range = /^(.+)\/(\d+)$/.exec(exception);
  if (range !== null) return isWithin(host, range[1] as string, Number(range[2]));
  const [, bracketed, plain, onPort] = /^(?:\[(.+)\]|([^:]+|.*:.*:.*?))(?::(\d+))?$/.exec(exception) ?? [];
  if (onPort !== undefined && onPort !== port) return false;
  const name = (bracketed ?? plain ?? exception).replace(/^\*(?=\.)/, '');
  if (name.startsWith('.')) return host.endsWith(name);
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function isWithin(host: string, network: string, prefix: number): boolean {
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(host) === 0 || isIP(host) !== isIP(network)) return false;
  if (prefix > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list.check(host, family);
}
