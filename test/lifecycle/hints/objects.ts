/** The states of what pods name: Secrets, ConfigMaps, accounts. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsIn } from '../../../generator/model/command.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { runCli } from '../../support/fake-io.ts';
import { type Deployment, secretValues } from '../../support/lifecycle.ts';
import { type Case, follow, inShell, put, ranBy } from './follow.ts';
import { onCluster, type Person } from './standing.ts';

/** A patch by which the gateway's pods read a key of an object of somebody's own. */
function reads(kind: 'secret' | 'configMap'): JsonObject {
  const env = [{ name: 'EXTRA', valueFrom: { [`${kind}KeyRef`]: { name: 'extra', key: 'a-key' } } }];
  return { gateway: { podPatch: { spec: { containers: [{ name: 'gateway', env }] } } } };
}

const dry = (person: Person) => person.argv('apply', '--dry-run');

/** Writes what a hint asks for: a file named as the key. */
const writesKey = (person: Person) => () => put(person, 'a-key', 'a value');

/** The environment is for a namespace that is not there, and that its apply would bring. */
async function beforeItsNamespace(person: Person, spec: JsonObject): Promise<void> {
  const { of } = person;
  await of.configure({ core: { createNamespace: true }, ...spec });
  await of.cluster.request('DELETE', `/api/v1/namespaces/${of.namespace}`);
  for (;;) {
    const { status } = await of.cluster.request('GET', `/api/v1/namespaces/${of.namespace}`);
    if (status === 404) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const secretsEnv = ({ folder }: Deployment) => join(folder, 'overlays/test/secrets.env');

/** Fills in what `secrets init` leaves empty. */
function fillIn(of: Deployment): void {
  const text = readFileSync(secretsEnv(of), 'utf8');
  const dsn = `database-dsn=${secretValues['database-dsn']}`;
  writeFileSync(secretsEnv(of), text.replace(/^database-dsn=$/m, dsn));
}

const init = /^glyphoxa-kustomize secrets init test .*--cluster/;
const writeSecret = /^kubectl .*create secret generic glyphoxa-secrets/;

/** Takes the whole way that begins with `secrets init`: the commands that it names in its turn are run, too. */
async function makeSecret(person: Person): Promise<void> {
  const refused = await ranBy(person, dry(person));
  assert.match(refused.stderr, /error secret-missing/);
  const [line = ''] = commandsIn(refused.stderr).filter((each) => init.test(each));
  const made = await inShell(person, line);
  assert.equal(made.exitCode, 0, made.stderr);
  fillIn(person.of);
  const writes = commandsIn(made.stderr).filter((each) => writeSecret.test(each));
  assert.ok(writes.length > 0, made.stderr);
  for (const write of writes) {
    const { exitCode, stderr } = await inShell(person, write);
    assert.equal(exitCode, 0, `${write}: ${stderr}`);
  }
  const { exitCode, stderr } = await ranBy(person, person.argv('apply'));
  assert.equal(exitCode, 0, stderr);
}

export const objectCases = {
  'config-map-missing': onCluster(
    async (person) => {
      const advice = {
        argv: dry(person),
        says: /error config-map-missing/,
        command: /^kubectl .*create configmap extra/,
        before: writesKey(person),
      };
      await follow(person, advice);
      await beforeItsNamespace(person, reads('configMap'));
      await follow(person, advice);
    },
    { spec: reads('configMap') },
  ),
  'config-map-key-missing': onCluster(
    async (person) => {
      await person.of.request('POST', '/configmaps', {
        metadata: { name: 'extra' },
        data: { other: 'kept' },
      });
      const command = /^kubectl .*patch configmap extra/;
      const before = writesKey(person);
      await follow(person, { argv: dry(person), says: /error config-map-key-missing/, command, before });
      const { data } = await person.of.request('GET', '/configmaps/extra');
      assert.deepEqual(data, { other: 'kept', 'a-key': 'a value' });
    },
    { spec: reads('configMap') },
  ),
  'secret-missing': onCluster(
    async (person) => {
      const advice = {
        argv: dry(person),
        says: /error secret-missing: the Secret extra/,
        command: /^kubectl .*create secret generic extra/,
        before: writesKey(person),
      };
      await follow(person, advice);
      await beforeItsNamespace(person, reads('secret'));
      await follow(person, advice);
    },
    { spec: reads('secret') },
  ),
  'secret-key-missing': onCluster(
    async (person) => {
      await person.of.request('POST', '/secrets', {
        metadata: { name: 'extra' },
        stringData: { other: 'kept' },
      });
      const advice = {
        argv: dry(person),
        says: /error secret-key-missing: the Secret extra/,
        command: /^kubectl .*patch secret extra/,
        before: writesKey(person),
      };
      await follow(person, advice);
      const { data } = await person.of.request('GET', '/secrets/extra');
      assert.deepEqual(Object.keys(data as JsonObject).sort(), ['a-key', 'other']);
    },
    { spec: reads('secret') },
  ),
  'secret-missing/existing': onCluster(makeSecret, { secret: false }),
  'initialized-existing': onCluster(
    async (person) => {
      await beforeItsNamespace(person, {});
      await makeSecret(person);
    },
    { secret: false },
  ),
  'set-existing': onCluster(
    async (person) => {
      await makeSecret(person);
      const { of, env, folder } = person;
      // "set" talks to no cluster, so the kubeconfig of the person counts.
      const standing = { ...person, env: { ...env, KUBECONFIG: of.cluster.kubeconfig } };
      const argv = ['set', 'gateway.adminKey', '--env', 'test', '--dir', of.folder];
      const { stderr } = await runCli(argv, { cwd: folder, env, stdin: 'kSecretNewKey42' });
      const writes = commandsIn(stderr).filter((line) => line.startsWith('kubectl '));
      assert.ok(writes.length > 0, stderr);
      for (const write of writes) {
        const ran = await inShell(standing, write);
        assert.equal(ran.exitCode, 0, `${write}: ${ran.stderr}`);
      }
      const { data } = await of.request('GET', '/secrets/glyphoxa-secrets');
      const { 'admin-key': key = '' } = data as { [key: string]: string };
      assert.equal(Buffer.from(key, 'base64').toString(), 'kSecretNewKey42');
    },
    { secret: false },
  ),
  'pull-secret-missing': onCluster(
    async (person) => {
      const auths = { 'registry.example.com': { auth: 'dTpw' } };
      put(person, '.docker/config.json', JSON.stringify({ auths }));
      const advice = {
        argv: dry(person),
        says: /warning pull-secret-missing/,
        command: /^kubectl .*create secret docker-registry pull/,
      };
      await follow(person, advice);
      await person.of.request('DELETE', '/secrets/pull');
      put(person, 'my docker/config.json', JSON.stringify({ auths }));
      await follow(
        { ...person, env: { ...person.env, DOCKER_CONFIG: join(person.folder, 'my docker') } },
        advice,
      );
    },
    { spec: { core: { imagePullSecrets: [{ name: 'pull' }] } } },
  ),
  'service-account-missing': onCluster(
    async (person) => {
      const command = /^kubectl .*create serviceaccount mine/;
      await follow(person, { argv: dry(person), says: /error service-account-missing/, command });
    },
    { spec: { gateway: { serviceAccount: { create: false, name: 'mine' } } } },
  ),
} satisfies { readonly [state: string]: Case };
