/** The states of operators, databases and Helm releases, on a cluster whose operators are the test's alone. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { decodeRecord, encodeRecord } from '../../../generator/lifecycle/state/helm-record.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import type { ChartServer } from '../../support/charts.ts';
import type { TestCluster } from '../../support/cluster.ts';
import type { Operator } from '../../support/infrastructure.ts';
import { type Deployment, makeDeployment, writeTop } from '../../support/lifecycle.ts';
import { findTool, runTool } from '../../support/tools.ts';
import { follow, look, ranBy } from './follow.ts';
import { type Person, personAt } from './standing.ts';

/** The cluster, with what plays the operators and hands out the charts. */
export interface World {
  readonly cluster: TestCluster;
  readonly operator: Operator;
  readonly repository: ChartServer;
}

type OperatorCase = (t: TestContext, world: World) => Promise<void>;

const merge = 'application/merge-patch+json';
const infrastructure = /^glyphoxa-kustomize infrastructure test/;

/** The environment's `spec` with a database, or without one. */
function database({ repository: { url } }: World, more: JsonObject = {}): JsonObject {
  const charts = { operator: { repository: url }, bitnami: { repository: url } };
  return { postgresql: { enabled: true, charts, ...more } };
}

async function person(t: TestContext, { cluster }: World, spec: JsonObject): Promise<Person> {
  return personAt(t, await makeDeployment(t, cluster, { spec }));
}

/** Somebody whose database is Bitnami's chart, with the Secret that it needs. */
async function ofBitnami(t: TestContext, world: World): Promise<Person> {
  const who = await person(t, world, database(world, { provider: 'bitnami' }));
  const passwords = { 'postgres-password': 'kSecretDb42', password: 'kSecretDb42' };
  const secret = { metadata: { name: 'glyphoxa-postgresql' }, stringData: passwords };
  await who.of.request('POST', '/secrets', secret);
  return who;
}

async function helm(of: Deployment, ...args: string[]): Promise<void> {
  const env = { ...of.env, HOME: of.folder };
  const { exitCode, stderr } = await runTool(findTool('helm-3') ?? '', args, { env });
  assert.equal(exitCode, 0, `helm ${args.join(' ')}: ${stderr}`);
}

/** A chart of somebody's own. Returns its folder. */
function otherChart({ folder }: Deployment): string {
  const chart = join(folder, 'other');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: other\nversion: 1.0.0\n');
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } };
  writeFileSync(join(chart, 'templates', 'object.json'), JSON.stringify(object));
  return chart;
}

async function sealedPerson(t: TestContext, world: World, more: JsonObject = {}): Promise<Person> {
  const chart = { repository: world.repository.url };
  const spec = {
    secrets: { provider: 'sealed-secrets', sealed: { 'admin-key': 'AgB1', 'database-dsn': 'AgB1' } },
    sealedSecrets: { chart, ...more },
  };
  return person(t, world, spec);
}

/** One after the other, since operators are the whole cluster's: the first finds none. */
export const operatorCases = {
  'operator-missing': async (t, world) => {
    const who = await sealedPerson(t, world);
    const argv = who.argv('apply', '--dry-run');
    const says = /error no-such-kind: .*SealedSecret/;
    const before = async () => {
      const { stderr } = await ranBy(who, argv);
      assert.match(stderr, /set spec\.sealedSecrets\.enabled and write the tree anew, then run/);
      const chart = { repository: world.repository.url };
      const sealed = { 'admin-key': 'AgB1', 'database-dsn': 'AgB1' };
      const secrets = { provider: 'sealed-secrets', sealed };
      await who.of.configure({ secrets, sealedSecrets: { enabled: true, chart } });
    };
    await follow(who, { argv, says, command: infrastructure, before });
    const { of } = await person(t, world, database(world));
    const spec = { instances: 1, storage: { size: '1Gi' } };
    const metadata = { name: 'mine', namespace: of.namespace };
    writeTop(of, [{ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', metadata, spec }]);
    const other = personAt(t, of);
    const lead = other.argv('apply').slice(4);
    const top = ['apply', join(of.folder, 'top'), '--dry-run', ...lead];
    const command = /^glyphoxa-kustomize infrastructure .*top/;
    await follow(other, { argv: top, says: /error no-such-kind: .*Cluster/, command });
  },
  'database-missing': async (t, world) => {
    const who = await person(t, world, database(world));
    const argv = who.argv('apply', '--dry-run');
    await follow(who, { argv, says: /error database-missing/, command: infrastructure });
  },
  'database-missing/secret': async (t, world) => {
    const who = await person(t, world, database(world));
    await follow(who, {
      argv: who.argv('apply', '--dry-run'),
      says: /error secret-missing: the Secret glyphoxa-postgresql-app/,
      command: infrastructure,
      // what the operator makes with the database
      before: () =>
        who.of.request('POST', '/secrets', {
          metadata: { name: 'glyphoxa-postgresql-app' },
          stringData: { uri: 'postgres://u:kSecretPw42@db.example/g' },
        }),
    });
  },
  'database-not-ready': async (t, world) => {
    const who = await person(t, world, database(world));
    world.operator.clusters.set(who.of.namespace, { phase: 'Setting up primary', readyInstances: 0 });
    await ranBy(who, who.argv('infrastructure', '--timeout', '5s'));
    const argv = who.argv('apply', '--dry-run');
    const command = /^kubectl .*get clusters\.postgresql\.cnpg\.io glyphoxa-postgresql$/;
    await look(who, { argv, says: /error database-not-ready/, command }, /^glyphoxa-postgresql /m);
  },
  'secret-not-made': async (t, world) => {
    const who = await sealedPerson(t, world);
    await who.of.request('DELETE', '/secrets/glyphoxa-secrets');
    await ranBy(who, who.argv('apply', '--no-wait'));
    const argv = who.argv('apply', '--dry-run');
    const command = /^kubectl .*describe sealedsecret\.bitnami\.com\/glyphoxa-secrets/;
    await look(who, { argv, says: /warning secret-not-made/, command }, /^Kind: +SealedSecret$/m);
  },
  'other-chart': async (t, world) => {
    const who = await ofBitnami(t, world);
    await helm(who.of, 'install', 'glyphoxa', otherChart(who.of), '-n', who.of.namespace);
    const argv = who.argv('infrastructure', '--dry-run');
    await follow(who, { argv, says: /error other-chart/, command: /^helm uninstall glyphoxa/ });
  },
  'helm-uninstalling': async (t, world) => {
    const who = await ofBitnami(t, world);
    const { of } = who;
    await helm(of, 'install', 'glyphoxa', otherChart(of), '-n', of.namespace);
    // as a helm leaves it that was killed at it
    const path = '/secrets/sh.helm.release.v1.glyphoxa.v1';
    const record = { ...(await of.request('GET', path)), kind: 'Secret' } as unknown as KubernetesObject;
    const content = decodeRecord(record);
    const release = encodeRecord(record, {
      ...content,
      info: { ...(content.info as JsonObject), status: 'uninstalling' },
      chart: {
        ...(content.chart as JsonObject),
        metadata: { apiVersion: 'v2', name: 'postgresql', version: '16.4.12' },
      },
    });
    const metadata = { labels: { status: 'uninstalling' } };
    await of.request('PATCH', path, { metadata, data: { release } }, merge);
    const argv = who.argv('infrastructure', '--dry-run');
    await follow(who, { argv, says: /error helm-busy/, command: /^helm uninstall glyphoxa/ });
  },
  'helm-failed': async (t, world) => {
    const who = await ofBitnami(t, world);
    const hard = { 'count/statefulsets.apps': '0' };
    await who.of.request('POST', '/resourcequotas', { metadata: { name: 'none' }, spec: { hard } });
    const argv = who.argv('infrastructure', '--timeout', '60s');
    const command = /^helm status glyphoxa/;
    await look(who, { argv, says: /error helm: /, command }, /STATUS: failed/);
  },
} satisfies { readonly [state: string]: OperatorCase };
