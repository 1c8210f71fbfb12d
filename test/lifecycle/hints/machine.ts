/** The states that this machine alone has: trees, secret files, kubeconfigs. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { writeYaml } from '../../../generator/model/yaml-writer.ts';
import { selfSigned } from '../../support/certificate.ts';
import { runCli } from '../../support/fake-io.ts';
import { folderOf } from '../../support/folder.ts';
import { lifecycleEnv } from '../../support/lifecycle.ts';
import { type Case, follow, look, type Place, put } from './follow.ts';

const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };

/** A tree in a folder whose name a shell would take apart, below the one that the person stands in. */
const root = "it's $(a) tree";

async function tree(t: TestContext, spec: object = {}): Promise<Place> {
  const folder = folderOf(t, {});
  const place = { folder, env: { ...lifecycleEnv(), HOME: folder } };
  put(
    place,
    `${root}/glyphoxa.yaml`,
    writeYaml({ ...head, metadata: { name: 'glyphoxa' }, spec: { core: { image: { tag: 'build-17' } } } }),
  );
  put(
    place,
    `${root}/overlays/test/config.yaml`,
    writeYaml({ ...head, metadata: { namespace: 'voice' }, spec: spec as never }),
  );
  const { exitCode, stderr } = await runCli(['generate', root], { cwd: folder, env: place.env });
  assert.equal(exitCode, 0, stderr);
  return place;
}

/** Begins a repository. */
async function begin({ folder, env }: Place, ...more: string[]) {
  const argv = ['init', root, '--image', 'registry.example.com/glyphoxa:build-17', ...more];
  const { exitCode, stderr } = await runCli(argv, { cwd: folder, env });
  assert.equal(exitCode, 0, stderr);
  return { advice: { argv, says: /next:/ }, ran: { exitCode, stdout: '', stderr } };
}

/** Sets a secret, with its value on standard input. */
async function setSecret({ folder, env }: Place, path: string, stdin: string) {
  const argv = ['set', path, '--env', 'test', '--dir', root];
  return { argv, ran: await runCli(argv, { cwd: folder, env, stdin }) };
}

function sealingCertificate(): string {
  return selfSigned({ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey });
}

/** A kubeconfig of which something is wrong. */
function kubeconfig(place: Place, more: object): Place {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
    ...more,
  };
  put(place, 'kubeconfig', JSON.stringify(config));
  return { ...place, env: { ...place.env, KUBECONFIG: join(place.folder, 'kubeconfig') } };
}

// Nobody listens there.
const diff = ['diff', 'test', '--dir', root, '--timeout', '60s'];
const sourced = {
  secrets: { provider: 'kubernetes' },
  gateway: { adminKey: { fromEnv: 'NO_SUCH_KEY' } },
  database: { dsn: { fromEnv: 'NO_SUCH_DSN' } },
};

export const machineCases = {
  credentials: async (t) => {
    const user = { 'client-certificate': 'none.crt', 'client-key': 'none.key' };
    const place = kubeconfig(await tree(t), { users: [{ name: 'u', user }] });
    const advice = { argv: diff, says: /error credentials/, command: /^kubectl auth whoami$/ };
    await look(place, advice, /none\.crt/);
  },
  'credentials/plugin': async (t) => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'false',
      interactiveMode: 'Never',
    };
    const place = kubeconfig(await tree(t), { users: [{ name: 'u', user: { exec } }] });
    const advice = { argv: diff, says: /error credentials/, command: /^kubectl auth whoami$/ };
    await look(place, advice, /exec: executable false failed/);
  },
  imported: async (t) => {
    const folder = folderOf(t, { 'values.yaml': 'image: {tag: 0.1.3}\n' });
    const advice = {
      argv: ['import', 'helm', 'values.yaml', '--dir', root],
      says: /next, to see what would change/,
      command: /^glyphoxa-kustomize apply production --adopt --dry-run/,
    };
    // test/moving/adopt.cluster.test.ts runs it where there is a cluster
    await look({ folder, env: lifecycleEnv() }, advice, /error no-kubeconfig/);
  },
  'imported/tenant': async (t) => {
    const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: ';
    const folder = folderOf(t, {
      'values.yaml': 'image: {tag: 0.1.3}\n',
      [`${root}/glyphoxa.yaml`]: `${head}Glyphoxa\nmetadata: {name: glyphoxa}\n`,
      [`${root}/overlays/dedicated/config.yaml`]: `${head}Glyphoxa\nmetadata: {namespace: none}\n`,
      [`${root}/tenants.yaml`]: `${head}GlyphoxaFleet\ntemplate: dedicated\ntenants: {}\n`,
    });
    const advice = {
      argv: ['import', 'helm', 'values.yaml', '--tenant', 'acme', '--dir', root],
      says: /next, to see what would change/,
      command: /^glyphoxa-kustomize apply .*tenants\/acme'? --adopt --dry-run/,
    };
    await look({ folder, env: lifecycleEnv() }, advice, /error no-kubeconfig/);
  },
  'init-next': async (t) => {
    const place = { folder: folderOf(t, {}), env: lifecycleEnv() };
    const begun = await begin(place);
    await look(place, { ...begun.advice, command: /^glyphoxa-kustomize generate/ }, /up to date/, begun.ran);
  },
  'init-secrets': async (t) => {
    const place = { folder: folderOf(t, {}), env: lifecycleEnv() };
    const begun = await begin(place);
    await look(
      place,
      { ...begun.advice, command: /^glyphoxa-kustomize secrets init/ },
      /create .*secrets\.env/,
      begun.ran,
    );
  },
  'init-apply': async (t) => {
    const folder = folderOf(t, {});
    const place = { folder, env: { ...lifecycleEnv(), HOME: folder } };
    const begun = await begin(place);
    // test/lifecycle/first-minute has a cluster for it; here it is read as it is printed, and finds none.
    await look(place, { ...begun.advice, command: /^glyphoxa-kustomize apply/ }, /no-kubeconfig/, begun.ran);
  },
  'init-apply/database': async (t) => {
    const folder = folderOf(t, {});
    const place = { folder, env: { ...lifecycleEnv(), HOME: folder } };
    const begun = await begin(place, '--single');
    await look(
      place,
      { ...begun.advice, command: /^glyphoxa-kustomize apply production --infrastructure/ },
      /no-kubeconfig/,
      begun.ran,
    );
  },
  'initialized-sealed': async (t) => {
    const spec = { secrets: { provider: 'sealed-secrets' } };
    const place = await tree(t);
    put(
      place,
      `${root}/overlays/test/config.yaml`,
      writeYaml({ ...head, metadata: { namespace: 'voice' }, spec }),
    );
    put(place, 'sealing.pem', sealingCertificate());
    const sealing = { ...place, env: { ...place.env, SEALED_SECRETS_CERT: 'sealing.pem' } };
    await look(
      sealing,
      {
        argv: ['secrets', 'init', 'test', '--dir', root],
        says: /seal the values/,
        command: /^glyphoxa-kustomize seal test/,
      },
      /no-value|sealed /,
    );
    put(place, `${root}/overlays/test/secrets.env`, 'admin-key=a\ndatabase-dsn=postgres://u:p@db/g\n');
    await look(
      sealing,
      {
        argv: ['secrets', 'init', 'test', '--dir', root],
        says: /seal the values/,
        command: /^glyphoxa-kustomize seal test/,
      },
      /sealed admin-key/,
    );
    assert.match(readFileSync(join(place.folder, root, 'overlays/test/config.yaml'), 'utf8'), /admin-key/);
  },
  'set-sealed': async (t) => {
    const place = await tree(t);
    const spec = { secrets: { provider: 'sealed-secrets' } };
    const layer = writeYaml({ ...head, metadata: { namespace: 'voice' }, spec });
    put(place, `${root}/overlays/test/config.yaml`, layer);
    put(place, `${root}/overlays/test/secrets.env`, 'database-dsn=postgres://u:p@db/g\n');
    const { argv, ran } = await setSecret(place, 'gateway.adminKey', 'a-new-key');
    put(place, 'sealing.pem', sealingCertificate());
    const sealing = { ...place, env: { ...place.env, SEALED_SECRETS_CERT: 'sealing.pem' } };
    await look(
      sealing,
      { argv, says: /seal it/, command: /^glyphoxa-kustomize seal test/ },
      /sealed admin-key/,
      ran,
    );
  },
  kubeconfig: async (t) => {
    const place = kubeconfig(await tree(t), {});
    put(place, 'kubeconfig', 'a: [');
    const advice = { argv: diff, says: /see "kubectl config view"/, command: /^kubectl config view$/ };
    await look(place, advice, /error/);
  },
  'no-base': async (t) => {
    const place = await tree(t);
    rmSync(join(place.folder, root, 'base'), { recursive: true });
    const argv = ['check', `${root}/overlays/test`];
    await follow(place, { argv, says: /error build/, command: /^glyphoxa-kustomize generate/ });
  },
  'no-build': async (t) => {
    const place = kubeconfig(await tree(t), {});
    mkdirSync(join(place.folder, 'top'));
    put(place, 'top/kustomization.yaml', writeYaml({ resources: [`../${root}/overlays/test`], nonsense: 1 }));
    await look(
      place,
      { argv: ['diff', 'top'], says: /error build/, command: /^glyphoxa-kustomize check/ },
      /nonsense/,
    );
  },
  'no-cluster': async (t) => {
    const place = kubeconfig(await tree(t), { clusters: [] });
    await look(
      place,
      { argv: diff, says: /error no-cluster/, command: /^kubectl config get-contexts$/ },
      /x +c +u/,
    );
  },
  'no-context': async (t) => {
    const place = kubeconfig(await tree(t), { 'current-context': '' });
    await look(
      place,
      { argv: diff, says: /error no-context/, command: /^kubectl config get-contexts$/ },
      /x +c +u/,
    );
  },
  'no-kustomization': async (t) => {
    const place = kubeconfig(await tree(t), {});
    rmSync(join(place.folder, root, 'overlays/test/kustomization.yaml'));
    await follow(place, {
      argv: diff,
      says: /error no-kustomization/,
      command: /^glyphoxa-kustomize generate/,
    });
  },
  'no-resource': async (t) => {
    const folder = folderOf(t, {});
    mkdirSync(join(folder, root));
    const argv = ['generate', root];
    await follow(
      { folder, env: lifecycleEnv() },
      { argv, says: /error no-resource/, command: /^glyphoxa-kustomize init/ },
    );
  },
  'no-user': async (t) => {
    const place = kubeconfig(await tree(t), { users: [{ name: 'v', user: {} }] });
    await look(place, { argv: diff, says: /error no-user/, command: /^kubectl config get-users$/ }, /^v$/m);
  },
  'plugin-missing': async (t) => {
    const folder = folderOf(t, {});
    const place = {
      folder,
      env: { ...lifecycleEnv(), HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') },
    };
    await follow(place, {
      argv: ['plugin', 'status'],
      says: /is not installed/,
      command: /^glyphoxa-kustomize plugin install$/,
    });
  },
  'no-secret-files': async (t) => {
    const place = await tree(t, sourced);
    const argv = ['check', `${root}/overlays/test`];
    await follow(place, { argv, says: /error build/, command: /^glyphoxa-kustomize secrets init test/ });
  },
  sealed: async (t) => {
    const place = await tree(t);
    put(place, 'sealing.pem', sealingCertificate());
    const spec = { secrets: { provider: 'sealed-secrets' } };
    put(
      place,
      `${root}/overlays/test/config.yaml`,
      writeYaml({ ...head, metadata: { namespace: 'voice' }, spec }),
    );
    put(place, `${root}/overlays/test/secrets.env`, 'admin-key=a\ndatabase-dsn=postgres://u:p@db/g\n');
    const argv = ['seal', 'test', '--dir', root, '--cert', 'sealing.pem'];
    await follow(place, { argv, says: /^now run/m, command: /^glyphoxa-kustomize generate/ });
    const check = await runCli(['generate', root, '--check'], { cwd: place.folder, env: place.env });
    assert.equal(check.exitCode, 0, check.stderr);
  },
  'sealed-stale': async (t) => {
    const place = await tree(t);
    put(place, 'sealing.pem', sealingCertificate());
    const spec = { secrets: { provider: 'sealed-secrets' } };
    const layer = { ...head, metadata: { namespace: 'voice' }, spec };
    put(place, `${root}/overlays/test/config.yaml`, writeYaml(layer));
    const env = { ...place.env, SEALED_SECRETS_CERT: 'sealing.pem' };
    const file = `${root}/overlays/test/secrets.env`;
    put(place, file, 'admin-key=a\ndatabase-dsn=postgres://u:p@db/g\n');
    const seal = await runCli(['seal', 'test', '--dir', root], { cwd: place.folder, env });
    assert.equal(seal.exitCode, 0, seal.stderr);
    put(place, file, 'admin-key=b\ndatabase-dsn=postgres://u:p@db/g\n');
    const argv = ['generate', root];
    await follow({ ...place, env }, { argv, says: /sealed-stale/, command: /^glyphoxa-kustomize seal test/ });
  },
  'secrets-readable': async (t) => {
    const place = await tree(t, sourced);
    put(place, `${root}/overlays/test/secrets.env`, 'admin-key=a\ndatabase-dsn=postgres://u:p@db/g\n');
    chmodSync(join(place.folder, root, 'overlays/test/secrets.env'), 0o644);
    const argv = ['secrets', 'status', 'test', '--dir', root];
    await follow(place, { argv, says: /secrets-readable/, command: /^chmod 600/ });
  },
  'secrets-stale': async (t) => {
    const place = await tree(t, {
      secrets: { provider: 'kubernetes', providerKeys: { deepgram: { fromEnv: 'NO_SUCH_KEY' } } },
      gateway: { adminKey: { fromEnv: 'NO_SUCH_KEY' } },
      database: { dsn: { fromEnv: 'NO_SUCH_DSN' } },
      config: { providers: { stt: { name: 'deepgram' } } },
    });
    put(
      place,
      `${root}/overlays/test/secrets.env`,
      'admin-key=a\ndatabase-dsn=postgres://u:p@db/g\ndeepgram-api-key=k\n',
    );
    const argv = ['generate', root];
    await follow(place, { argv, says: /secrets-stale/, command: /^glyphoxa-kustomize secrets init test/ });
  },
  'tree-stale': async (t) => {
    const place = kubeconfig(await tree(t), {});
    put(
      place,
      `${root}/overlays/test/config.yaml`,
      writeYaml({ ...head, metadata: { namespace: 'other' }, spec: {} }),
    );
    await follow(place, { argv: diff, says: /error tree-stale/, command: /^glyphoxa-kustomize generate/ });
  },
  'tree-stale/generate': async (t) => {
    const place = await tree(t);
    put(
      place,
      `${root}/overlays/test/config.yaml`,
      writeYaml({ ...head, metadata: { namespace: 'other' }, spec: {} }),
    );
    const argv = ['generate', root, '--check'];
    await follow(place, { argv, says: /out of date/, command: /^glyphoxa-kustomize generate/ });
  },
} satisfies { readonly [state: string]: Case };
