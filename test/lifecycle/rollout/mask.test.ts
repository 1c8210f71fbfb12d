import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { masking } from '../../../generator/lifecycle/rollout/mask.ts';
import {
  literalSecrets,
  referencedSecrets,
} from '../../../generator/lifecycle/rollout/referenced-secrets.ts';

const password = 'p@ss wörd/42';
const dsn = `postgres://user:${encodeURIComponent(password)}@db.example:5432/glyphoxa`;
const config = `server:
  log_level: info
providers:
  llm: {name: openai, api_key: sk-1234}
mcp:
  servers:
    - env: {HOME_PATH: some-long-value}
`;
const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n';
const values = ['kSecretAdminKey42', dsn, config, pem, 'abc', 'a"b\\c\tde'];
const mask = masking(values);

describe('what a program says', () => {
  it('stays as it is where it holds no value', () => {
    const text =
      'level=INFO msg="loading" path=/etc/glyphoxa/config.yaml level=info openai user db.example abc';
    assert.equal(mask(text), text);
  });

  it('loses each value, a DSN’s password, and what stands in a file', () => {
    assert.equal(mask('key kSecretAdminKey42!'), 'key (hidden)!');
    assert.equal(mask(`open ${dsn}: refused`), 'open (hidden): refused');
    assert.equal(mask(`auth as ${password} failed`), 'auth as (hidden) failed');
    assert.equal(mask('bad sk-1234 and some-long-value'), 'bad (hidden) and (hidden)');
    assert.equal(mask('x MIIEvgIBADANBgkq'), 'x (hidden)');
    assert.equal(mask(`before\n${pem}after`), 'before\n(hidden)after');
  });

  const encodings: [string, string][] = [
    ['base64', Buffer.from('kSecretAdminKey42').toString('base64')],
    ['base64 of a header', Buffer.from('user:kSecretAdminKey42').toString('base64')],
    ['base64url in a path', `/a/${Buffer.from('xx kSecretAdminKey42').toString('base64url')}/b`],
    ['base64 after other letters', `abc${Buffer.from('kSecretAdminKey42').toString('base64')}`],
    ['percent', encodeURIComponent(password)],
    ['percent in lower case', encodeURIComponent(password).toLowerCase()],
    ['form', encodeURIComponent(password).replaceAll('%20', '+')],
    ['hex', Buffer.from('kSecretAdminKey42').toString('hex')],
    ['JSON', JSON.stringify('a"b\\c\tde').replace('\\t', '\t')],
    ['JSON with escapes', JSON.stringify('kSecretAdminKey42').replace('k', '\\u006b')],
  ];
  for (const [name, text] of encodings) {
    it(`leaves out a line that holds a value encoded: ${name}`, () => {
      const [, line] = mask(`first\nvalue ${text} here\nlast`).split('\n');
      assert.match(line ?? '', /\(hidden\)|left out/);
      assert.ok(!line?.includes(text));
    });
  }

  it('loses what has the form of a secret, though nobody knows it', () => {
    const forms = masking([]);
    assert.equal(forms('open postgres://u:hunter2@db/x'), 'open postgres://(hidden)@db/x');
    assert.equal(forms('password=hunter2 user=u'), 'password=(hidden) user=u');
    assert.equal(forms('api_key: "hunter 2", a'), 'api_key: "(hidden)", a');
    assert.equal(forms('Authorization: Bearer abc.def'), 'Authorization: Bearer (hidden)');
    assert.equal(forms('secret "tavern-secrets" not found'), 'secret "tavern-secrets" not found');
  });
});

describe('the Secrets of a pod', () => {
  it('are all that its spec refers to', () => {
    const spec = {
      imagePullSecrets: [{ name: 'pull' }],
      serviceAccountName: 'account',
      initContainers: [
        { name: 'i', envFrom: [{ secretRef: { name: 'all' } }, { configMapRef: { name: 'no' } }] },
      ],
      containers: [
        { name: 'secret', env: [{ name: 'secret', valueFrom: { secretKeyRef: { name: 'one', key: 'k' } } }] },
      ],
      volumes: [
        { name: 'v', secret: { secretName: 'volume' } },
        {
          name: 'w',
          projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'no' } }] },
        },
        { name: 'x', csi: { driver: 'd', nodePublishSecretRef: { name: 'driver' } } },
      ],
    };
    assert.deepEqual(referencedSecrets(spec), ['all', 'driver', 'one', 'projected', 'pull', 'volume']);
    assert.deepEqual(referencedSecrets(undefined), []);
  });

  it('may stand in variables themselves', () => {
    const env = [
      { name: 'MY_TOKEN', value: 'abcd' },
      { name: 'LOG_LEVEL', value: 'info' },
    ];
    assert.deepEqual(literalSecrets({ containers: [{ name: 'a', env }] }), ['abcd']);
  });
});
