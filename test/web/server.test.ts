/** Who may ask the program that serves the page, and what it sends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { folderOf } from '../support/folder.ts';
import { ask, servePage } from '../support/web-page.ts';

const resource = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: glyphoxa}\n';
const files = { 'glyphoxa.yaml': resource };

describe('the program behind the page', () => {
  it('opens its link once, and leads to an address that cannot be guessed', async (t) => {
    const { link } = await servePage(t, folderOf(t, files));
    const { origin } = new URL(link);
    assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
    assert.equal((await ask(`${origin}/?token=${'x'.repeat(32)}`)).status, 403);
    const { status, headers } = await ask(link);
    assert.equal(status, 303);
    assert.match(String(headers.location), /^\/[\w-]{32}\/$/);
    assert.ok(!String(headers.location).includes(new URL(link).searchParams.get('token') ?? ''));
    assert.equal((await ask(link)).status, 403, 'a second time');
    for (const path of ['/', '/state', '/app.js', '/guess/', `/${'x'.repeat(32)}/`, '/../etc/passwd'])
      assert.equal((await ask(`${origin}${path}`)).status, 403, path);
    const base = `${origin}${headers.location}`;
    for (const path of ['', 'app.js', 'app.css', 'state'])
      assert.equal((await ask(base + path)).status, 200, path);
    for (const path of ['glyphoxa.yaml', '../state', '%2e%2e/state'])
      assert.notEqual((await ask(base + path)).status, 200, path);
  });

  it('answers no other host and no other origin', async (t) => {
    const { link } = await servePage(t, folderOf(t, files));
    const { origin, port } = new URL(link);
    const base = `${origin}${(await ask(link)).headers.location}`;
    const hosts = [`localhost:${port}`, `evil.example:${port}`, '127.0.0.1', `127.0.0.1.nip.io:${port}`];
    for (const host of hosts)
      assert.equal((await ask(`${base}state`, { headers: { host } })).status, 403, host);
    const strangers = [
      'http://evil.example',
      'null',
      `http://127.0.0.1:${Number(port) + 1}`,
      `https://127.0.0.1:${port}`,
    ];
    for (const stranger of strangers)
      assert.equal((await ask(`${base}state`, { headers: { origin: stranger } })).status, 403, stranger);
    for (const site of ['cross-site', 'same-site'])
      assert.equal((await ask(`${base}state`, { headers: { 'sec-fetch-site': site } })).status, 403, site);
    const act = (headers: { [name: string]: string }) =>
      ask(`${base}act`, { method: 'POST', headers, body: '{"what":"undo"}' });
    const json = 'application/json';
    assert.equal((await act({ 'content-type': json })).status, 403, 'no origin');
    assert.equal((await act({ 'content-type': 'text/plain', origin })).status, 404, 'a form of another page');
    assert.equal((await act({ 'content-type': json, origin })).status, 200);
  });

  it('takes no more than an action has, and says what is wrong with one', async (t) => {
    const { link } = await servePage(t, folderOf(t, files));
    const { origin } = new URL(link);
    const base = `${origin}${(await ask(link)).headers.location}`;
    const post = (body: string) =>
      ask(`${base}act`, { method: 'POST', headers: { 'content-type': 'application/json', origin }, body });
    assert.equal((await post('x'.repeat(5 * 1024 * 1024))).status, 413);
    for (const body of [
      '',
      '{',
      '[]',
      '{"what":"rm"}',
      '{"what":"set"}',
      '{"what":"set","name":3,"text":{}}',
    ])
      assert.equal((await post(body)).status, 400, body);
    const answer = JSON.parse((await post('{"what":"set","name":"gateway.replicas","text":"3"}')).text);
    assert.equal(answer.refused[0].code, 'unknown-path');
  });

  it('lets no script of others run, and is small', async (t) => {
    const { link } = await servePage(t, folderOf(t, files));
    const { origin } = new URL(link);
    const base = `${origin}${(await ask(link)).headers.location}`;
    const { headers, text } = await ask(base);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'; script-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.doesNotMatch(text, /https?:|<script>/);
    const sizes = await Promise.all(
      ['', 'app.js', 'app.css'].map(async (path) => gzipSync((await ask(base + path)).text).length),
    );
    assert.ok(
      sizes.every((size) => size > 200) && sizes.reduce((sum, size) => sum + size) <= 60_000,
      `gzipped: ${sizes.join(', ')} bytes`,
    );
  });

  it('ends with Ctrl-C, and refuses a folder without a resource', async (t) => {
    const served = await servePage(t, folderOf(t, files));
    served.process.kill('SIGINT');
    assert.equal((await served.ended).code, 0);
    await assert.rejects(servePage(t, folderOf(t, {})), /no-resource/);
  });
});
