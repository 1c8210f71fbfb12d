/** Rules of NetworkPolicies are refused where the API server refuses them, each at its place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatPath, type JsonObject } from '../../generator/model/json.ts';
import {
  checkEgressRule,
  checkIngressRule,
  checkNetworkPeer,
  opensTcpPort,
} from '../../generator/model/network-rules.ts';

const peer = (value: JsonObject) => checkNetworkPeer(value).map(({ path = [] }) => formatPath(path));
const port = (value: JsonObject) =>
  checkEgressRule({ ports: [value] }).map(({ path = [] }) => formatPath(path.slice(2)));
const range = (cidr: string) => peer({ ipBlock: { cidr } });

describe('the rules of a NetworkPolicy', () => {
  it('may leave out peers and ports, which means all, but hold no empty list', () => {
    assert.deepEqual(checkIngressRule({}), []);
    assert.deepEqual(checkEgressRule({}), []);
    const empty = checkIngressRule({ from: [], ports: [] }).map(({ path = [] }) => formatPath(path));
    assert.deepEqual(empty, ['from', 'ports']);
  });

  it('know their own fields alone', () => {
    const unknown: [typeof checkIngressRule, JsonObject][] = [
      [checkIngressRule, { to: [{ podSelector: {} }] }],
      [checkEgressRule, { from: [{ podSelector: {} }] }],
      [checkEgressRule, { to: [{ podSelektor: {} }] }],
      [checkEgressRule, { to: [{ podSelector: { app: 'a' } }] }],
      [checkEgressRule, { ports: [{ prot: 'TCP' }] }],
      [checkEgressRule, { constructor: [] }],
    ];
    for (const [check, rule] of unknown) assert.equal(check(rule).length, 1, JSON.stringify(rule));
  });

  it('have values of the right type', () => {
    const wrong = [null, 'a', 1, [null], ['a'], [[]]];
    for (const value of wrong) {
      assert.equal(checkEgressRule({ to: value }).length, 1, JSON.stringify(value));
      assert.equal(checkEgressRule({ ports: value }).length, 1, JSON.stringify(value));
    }
    assert.deepEqual(port({ port: 'http', endPort: '1' }), ['endPort']);
    assert.deepEqual(port({ port: true }), ['port']);
  });

  it('name pods or addresses', () => {
    assert.deepEqual(peer({ podSelector: {} }), []);
    assert.deepEqual(peer({ namespaceSelector: {}, podSelector: { matchLabels: { a: '' } } }), []);
    assert.deepEqual(peer({}), ['']);
    assert.deepEqual(peer({ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }), ['']);
    assert.deepEqual(peer({ podSelector: { matchLabels: { a: 'b c' } } }), ['podSelector.matchLabels.a']);
  });

  it('compare labels with values only where the operator takes them', () => {
    const requirement = (operator: string, values?: string[]) =>
      peer({ podSelector: { matchExpressions: [{ key: 'a', operator, ...(values && { values }) }] } });
    for (const operator of ['In', 'NotIn']) {
      assert.deepEqual(requirement(operator, ['a']), []);
      assert.equal(requirement(operator).length, 1);
    }
    for (const operator of ['Exists', 'DoesNotExist']) {
      assert.deepEqual(requirement(operator), []);
      assert.equal(requirement(operator, ['a']).length, 1);
    }
    assert.equal(requirement('Gt', ['1']).length, 1);
  });

  it('name ranges of addresses as they are stored', () => {
    for (const cidr of ['0.0.0.0/0', '10.0.0.0/8', '10.1.2.3/32', '::/0', 'fd00::/8', '2001:db8::1/128'])
      assert.deepEqual(range(cidr), [], cidr);
    const wrong = [
      '10.0.0.1/8',
      'fd00::1/8',
      '10.0.0.0',
      '10.0.0.0/33',
      '10.0.0/8',
      '010.0.0.0/8',
      '10.0.0.0/08',
      '256.0.0.0/8',
      'fd00::/129',
      'fd00:::/8',
      '::ffff:10.0.0.0/104',
      'example.com/8',
      '',
    ];
    for (const cidr of wrong) assert.equal(range(cidr).length, 1, cidr);
  });

  it('leave out parts of a range, and nothing else', () => {
    const except = (cidr: string, ...parts: string[]) => peer({ ipBlock: { cidr, except: parts } });
    assert.deepEqual(except('10.0.0.0/8', '10.1.0.0/16', '10.255.255.255/32'), []);
    assert.deepEqual(except('fd00::/8', 'fd00:1::/32'), []);
    const at = ['ipBlock.except[0]'];
    for (const part of ['10.0.0.0/8', '11.0.0.0/16', '0.0.0.0/0', 'fd00::/8'])
      assert.deepEqual(except('10.0.0.0/8', part), at, part);
  });

  it('name ports by number, by name or as a range', () => {
    for (const value of [{}, { port: 1 }, { port: 'http' }, { port: 1, endPort: 1 }, { protocol: 'SCTP' }])
      assert.deepEqual(port(value), [], JSON.stringify(value));
    for (const value of [{ port: 0 }, { port: 65536 }, { port: 1.5 }, { port: 'HTTP' }, { port: '80' }])
      assert.deepEqual(port(value), ['port'], JSON.stringify(value));
    for (const value of [{ endPort: 2 }, { port: 'http', endPort: 2 }, { port: 3, endPort: 2 }])
      assert.deepEqual(port(value), ['endPort'], JSON.stringify(value));
    assert.deepEqual(port({ protocol: 'tcp' }), ['protocol']);
  });

  it('let TCP to a port through by its number, a range around it, or all', () => {
    const opens = (...ports: JsonObject[]) => opensTcpPort({ ports }, 443);
    assert.ok(opensTcpPort({}, 443) && opensTcpPort({ to: [] }, 443));
    for (const port of [{}, { port: 443 }, { port: 443, protocol: 'TCP' }, { protocol: 'TCP' }])
      assert.ok(opens(port), JSON.stringify(port));
    for (const [port, endPort] of [
      [1, 443],
      [443, 444],
      [443, 443],
    ] as const)
      assert.ok(opens({ port, endPort }), `${port} ${endPort}`);
    for (const port of [{ port: 442 }, { port: 444 }, { port: 1, endPort: 442 }, { port: 444, endPort: 500 }])
      assert.ok(!opens(port), JSON.stringify(port));
    for (const port of [{ protocol: 'UDP' }, { port: 443, protocol: 'UDP' }, { port: 'https' }])
      assert.ok(!opens(port), JSON.stringify(port));
    assert.ok(!opens() && opens({ port: 80 }, { port: 443 }));
    assert.ok(!opensTcpPort({ ports: [null, 'x', 443] }, 443));
  });
});
