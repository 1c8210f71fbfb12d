/** How a status looks as text. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatStatus } from '../../../generator/cli/print/format-status.ts';
import type { Status } from '../../../generator/lifecycle/verbs/status/status.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

/** A deployment with everything that a status can tell. */
const full: Status = {
  at: ago(0),
  environment: 'production',
  release: 'glyphoxa',
  namespace: 'voice',
  context: 'eu',
  server: 'https://eu.example.com',
  topology: 'shared',
  health: 'unhealthy',
  problems: ['glyphoxa-gateway: 1 of 2 pods ready'],
  unknown: [{ part: 'inventory', why: 'configmaps is forbidden' }],
  workloads: [
    {
      name: 'glyphoxa-gateway',
      component: 'gateway',
      isThere: true,
      image: 'ghcr.io/x/glyphoxa:1.2.3',
      version: '1.2.3',
      ready: 1,
      desired: 2,
      isDone: false,
      since: ago(7200),
      problems: [],
    },
    { name: 'glyphoxa-mcp-gateway', component: 'mcp', isThere: false, ready: 0, isDone: false, problems: [] },
    {
      name: 'worker',
      component: 'worker',
      isThere: true,
      image: 'ghcr.io/x/glyphoxa:1.2.3',
      version: '2.0',
      ready: 1,
      isDone: true,
      problems: [],
    },
  ],
  pods: [
    {
      name: 'glyphoxa-gateway-a',
      workload: 'glyphoxa-gateway',
      status: 'Running',
      isReady: true,
      restarts: 0,
      since: ago(60),
      problems: [],
    },
    {
      name: 'glyphoxa-gateway-b',
      workload: 'glyphoxa-gateway',
      status: 'CrashLoopBackOff',
      isReady: false,
      restarts: 4,
      since: ago(300),
      problems: ['container gateway has ended 5 times, with exit code 1'],
    },
  ],
  sessions: [
    { id: 's1', tenant: 'tavern', since: ago(3600), phase: 'running', job: 'j1' },
    { id: 's2', since: ago(5), phase: 'starting', reason: 'ImagePullBackOff', job: 'j2' },
  ],
  database: {
    provider: 'cloudnative-pg',
    name: 'glyphoxa-postgresql',
    isThere: true,
    ready: 1,
    instances: 3,
    phase: 'Setting up',
  },
  autoscalers: [
    {
      name: 'glyphoxa-gateway',
      target: 'glyphoxa-gateway',
      isThere: true,
      current: 2,
      desired: 4,
      min: 2,
      max: 10,
      metrics: ['cpu 85%/70%'],
      troubles: [],
    },
  ],
  missingSecrets: [
    {
      name: 'glyphoxa-secrets',
      keys: ['admin-key'],
      isThere: true,
      neededBy: ['deployment.apps/glyphoxa-gateway'],
    },
  ],
  warnings: [
    {
      reason: 'BackOff',
      object: 'pod/glyphoxa-gateway-b',
      message: 'Back-off restarting',
      count: 7,
      last: ago(20),
    },
  ],
  drift: {
    missing: ['deployment.apps/glyphoxa-mcp-gateway'],
    different: [{ object: 'service/glyphoxa-gateway', fields: ['spec.ports'] }],
    extra: ['configmap/old'],
  },
};

const text = (status: Status, width?: number) =>
  formatStatus(status, { color: false, now, ...(width === undefined ? {} : { width }) });

describe('a status as text', () => {
  it('has all there is to tell on one screen', () => {
    assert.deepEqual(text(full), [
      'glyphoxa is unhealthy',
      '  production: namespace voice of eu, shared topology',
      '  ✗ glyphoxa-gateway: 1 of 2 pods ready',
      '  ? whether it is stopped: configmaps is forbidden',
      '',
      'WORKLOAD              IMAGE                     VERSION  READY      AGE',
      'glyphoxa-gateway      ghcr.io/x/glyphoxa        1.2.3    1/2        120m',
      'glyphoxa-mcp-gateway                                     missing    ',
      'worker                ghcr.io/x/glyphoxa:1.2.3  2.0      1 session  ',
      '',
      'POD                 STATUS            RESTARTS  AGE',
      'glyphoxa-gateway-b  CrashLoopBackOff  4         5m',
      '    container gateway has ended 5 times, with exit code 1',
      'glyphoxa-gateway-a  Running           0         60s',
      '',
      'SESSION  TENANT  PHASE                        AGE',
      's1       tavern  running                      60m',
      's2               starting (ImagePullBackOff)  5s',
      '',
      'database     CloudNativePG cluster glyphoxa-postgresql: 1 of 3 ready (Setting up)',
      'autoscaling  glyphoxa-gateway: 2 → 4 of 2 to 10; cpu 85%/70%',
      'secrets      missing: glyphoxa-secrets (admin-key)',
      'drift        differs: service/glyphoxa-gateway; missing: deployment/glyphoxa-mcp-gateway; not listed: configmap/old',
      '',
      'LAST  WARNING     OBJECT                  MESSAGE',
      '20s   BackOff ×7  pod/glyphoxa-gateway-b  Back-off restarting',
    ]);
  });

  it('is never wider than the screen, and no taller for a hundred pods and sessions', () => {
    const [pod] = full.pods ?? [];
    const [session] = full.sessions ?? [];
    const hundred = Array.from({ length: 100 }, (_, index) => index);
    const pods = hundred.map((index) => ({ ...(pod as NonNullable<typeof pod>), name: `pod-${index}` }));
    const trouble = { ...(pods[99] as (typeof pods)[0]), isReady: false, status: 'Pending' };
    const sessions = hundred.map((index) => ({
      ...(session as NonNullable<typeof session>),
      id: `s-${index}`,
    }));
    const lines = text({ ...full, pods: [...pods.slice(0, 99), trouble], sessions }, 60);
    assert.ok(lines.every((line) => [...line].length <= 60));
    assert.ok(lines.length < 60, `${lines.length} lines`);
    assert.match(lines.join('\n'), /^pod-99 +Pending/m);
    assert.match(lines.join('\n'), /^… and 88 pods more$/m);
    assert.match(lines.join('\n'), /^… .*\b88 /m);
  });

  it('cuts no reason on a narrow screen, and tells the same of several pods in full once', () => {
    const [pod] = full.pods ?? [];
    const [warning] = full.warnings ?? [];
    assert.ok(pod !== undefined && warning !== undefined);
    const why = 'no node takes the pod: 0/5 nodes are available: 5 Insufficient cpu';
    const message = 'Error creating: pods "a" is forbidden: exceeded quota: small';
    const pods = ['a', 'b'].map((name) => ({
      ...pod,
      name,
      isReady: false,
      status: 'Pending',
      problems: [why],
    }));
    const lines = text({ ...full, pods, warnings: [{ ...warning, message }] }, 44);
    const from = (start: RegExp) => lines.findIndex((line) => start.test(line));
    assert.deepEqual(lines.slice(from(/^a /) + 1, from(/^b /)), [
      '    no node takes the pod: 0/5 nodes are',
      '    available: 5 Insufficient cpu',
    ]);
    assert.deepEqual(lines.slice(from(/^b /) + 1, from(/^SESSION/) - 1), [
      '    no node takes the pod: 0/5 nodes are…',
    ]);
    assert.deepEqual(lines.slice(from(/^LAST/) + 2), [
      '    Error creating: pods "a" is forbidden:',
      '    exceeded quota: small',
    ]);
  });

  it('breaks no name, however narrow: what does not fit stands above the rest', () => {
    const image = 'registry.example.com:5000/bards/glyphoxa';
    const workloads = (full.workloads ?? []).map((each) => ({ ...each, image: `${image}:${each.version}` }));
    const names = [
      image,
      ...[...workloads, ...(full.pods ?? [])].map(({ name }) => name),
      'CrashLoopBackOff',
    ];
    for (const width of [120, 80, 60, 44, 42]) {
      const lines = text({ ...full, workloads }, width);
      const all = `${lines.join('\n')}\n`;
      for (const name of names)
        assert.match(all, new RegExp(`(^|\\s)${name}(:\\S+)?\\s`), `${name} at ${width}`);
      assert.ok(
        lines.every((line) => [...line].length <= width),
        `${width}`,
      );
    }
    const narrow = text({ ...full, workloads }, 44);
    const start = narrow.indexOf('WORKLOAD');
    assert.deepEqual(narrow.slice(start, start + 6), [
      'WORKLOAD',
      '  IMAGE',
      '    VERSION  READY      AGE',
      'glyphoxa-gateway',
      `  ${image}`,
      '    1.2.3    1/2        120m',
    ]);
  });

  it('leaves out what is not known', () => {
    const { workloads: _, pods: __, sessions: ___, database: ____, drift: _____, ...rest } = full;
    const lines = text({
      ...rest,
      missingSecrets: [],
      autoscalers: [],
      warnings: [],
      problems: [],
      unknown: [],
    });
    assert.deepEqual(lines.slice(3), ['secrets      all there']);
  });
});
