/** A pod's names, name resolution and network. */

import { isIP } from 'node:net';
import { checkDnsLabel, checkDnsSubdomain } from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import type { Place } from './place.ts';

/** Checks host names, `hostAliases`, DNS and what a pod in the node's network must keep to. */
export function checkNetwork(spec: Place): void {
  spec.at('hostname').whenGiven(checkDnsLabel);
  spec.at('subdomain').whenGiven(checkDnsLabel);
  checkHostnameOverride(spec);
  for (const alias of spec.at('hostAliases').items) {
    checkAddress(alias.at('ip'));
    for (const name of alias.at('hostnames').items) name.verify(checkDnsSubdomain(name.text));
  }
  checkDns(spec);
  if (!spec.at('hostNetwork').isTrue) return;
  for (const port of spec.at('containers').items.flatMap((container) => container.at('ports').items)) {
    const [host, own] = [port.at('hostPort'), port.at('containerPort')];
    if (host.number !== undefined && host.number !== 0 && host.number !== own.number) {
      host.refuse('with hostNetwork this must equal containerPort');
    }
  }
}

function checkDns(spec: Place): void {
  const policy = spec.at('dnsPolicy');
  policy.oneOf(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']);
  const config = spec.at('dnsConfig');
  const servers = config.at('nameservers');
  if (policy.text === 'None' && servers.items.length === 0) {
    servers.refuse('dnsPolicy None needs at least one name server');
  }
  if (servers.items.length > 3) servers.refuse('there are more than 3 name servers');
  for (const server of servers.items) checkAddress(server);
  const searches = config.at('searches');
  const texts = searches.items.map((search) => search.text);
  if (texts.length > 32) searches.refuse('there are more than 32 search domains');
  if (texts.join(' ').length > 2048) searches.refuse('there are more than 2048 characters in all');
  for (const search of searches.items) {
    search.verify(checkDnsSubdomain(search.text.replace(/\.$/, '')));
  }
  for (const option of config.at('options').items) option.at('name').required();
}

/** A host name instead of the pod's name (Kubernetes 1.34). */
function checkHostnameOverride(spec: Place): void {
  const name = spec.at('hostnameOverride');
  if (!name.given) return;
  name.needs(checkDnsSubdomain);
  if (name.text.length > 64) name.refuse('the limit is 64 characters');
  for (const key of ['setHostnameAsFQDN', 'hostNetwork']) {
    if (spec.at(key).isTrue) name.refuse(`a pod cannot have this and ${key}`);
  }
}

/** An IP address; IPv4 addresses written as IPv6 ones are refused, as newer versions do. */
function checkAddress(address: Place): void {
  if (!address.required()) return;
  const { text } = address;
  if (isIP(text) === 0 || text.includes('%')) address.refuse(`${quote(text)} is not an IP address`);
  else if (isMapped(text)) address.refuse(`${quote(text)} is an IPv4 address; write it as one`);
}

function isMapped(address: string): boolean {
  if (isIP(address) !== 6) return false;
  return /^\[::ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}\]$/.test(new URL(`http://[${address}]`).hostname);
}
