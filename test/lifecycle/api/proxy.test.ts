/** Which proxy the environment names for a server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFor } from '../../../generator/lifecycle/api/proxy.ts';

const server = 'https://api.eu.example.com:6443';
const proxy = 'http://proxy.example:3128';

type Case = readonly [server: string, env: { readonly [name: string]: string }, expected: string | undefined];

const cases: readonly Case[] = [
  [server, {}, undefined],
  [server, { HTTPS_PROXY: proxy }, proxy],
  [server, { https_proxy: 'proxy.example:3128' }, proxy],
  [server, { HTTPS_PROXY: proxy, https_proxy: 'http://other.example' }, proxy],
  [server, { HTTP_PROXY: proxy }, undefined],
  ['http://api.example', { HTTP_PROXY: proxy }, proxy],
  ...['localhost', '127.0.0.1', '127.1.2.3', '[::1]'].map(
    (host): Case => [`https://${host}:6443`, { HTTPS_PROXY: proxy }, undefined],
  ),
];

const exceptions: readonly [host: string, noProxy: string, isExcepted: boolean][] = [
  ['api.eu.example.com', '*', true],
  ['api.eu.example.com', 'example.com', true],
  ['api.eu.example.com', 'xample.com', false],
  ['api.eu.example.com', ' other.example , EU.example.com', true],
  ['example.com', '.example.com', false],
  ['api.example.com', '.example.com', true],
  ['api.example.com', '*.example.com', true],
  ['example.com', '*.example.com', false],
  ['api.example.com', 'api.example.com:6443', true],
  ['api.example.com', 'api.example.com:443', false],
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '2.3', false],
  ['10.1.2.3', '10.0.0.0/99', false],
  ['api.example.com', '10.0.0.0/8', false],
  ['[fd00::7]', 'fd00::/8', true],
  ['[fd00::7]', '[fd00::7]:6443', true],
  ['[fd00::7]', 'fd00::7', true],
  ['[fd00::7]', '10.0.0.0/8', false],
  ['api.example.com', ',,', false],
];

for (const [at, env, expected] of cases)
  test(`${at} with ${JSON.stringify(env)}: ${expected ?? 'no proxy'}`, () => {
    assert.equal(proxyFor(at, env), expected);
  });

for (const [host, noProxy, isExcepted] of exceptions)
  test(`NO_PROXY=${noProxy} ${isExcepted ? 'holds' : 'does not hold'} for ${host}`, () => {
    for (const name of ['NO_PROXY', 'no_proxy'])
      assert.equal(
        proxyFor(`https://${host}:6443`, { HTTPS_PROXY: proxy, [name]: noProxy }),
        isExcepted ? undefined : proxy,
      );
  });
