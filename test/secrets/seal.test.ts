import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { sealedFormProblem } from '../../generator/config/sealed-form.ts';
import { Failure } from '../../generator/model/finding.ts';
import { sealingKey } from '../../generator/secrets/certificate.ts';
import { type SealingTarget, seal } from '../../generator/secrets/seal.ts';
import { selfSigned } from '../support/certificate.ts';
import { unseal } from '../support/unseal.ts';

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey;
const privateKey = rsa(2048);
const publicKey = createPublicKey(privateKey);
const target: SealingTarget = { scope: 'strict', namespace: 'voices', name: 'glyphoxa-secrets' };

const labels = { strict: 'voices/glyphoxa-secrets', 'namespace-wide': 'voices', 'cluster-wide': '' } as const;

for (const [scope, label] of Object.entries(labels)) {
  test(`what is sealed ${scope} opens with the private key and its label, and no other`, () => {
    const sealed = seal(publicKey, Buffer.from('päss\nword'), {
      ...target,
      scope: scope as keyof typeof labels,
    });
    assert.equal(unseal(privateKey, sealed, label), 'päss\nword');
    assert.throws(() => unseal(privateKey, sealed, `${label}x`));
    assert.throws(() => unseal(rsa(2048), sealed, label));
  });
}

test('a ciphertext begins with the length of its RSA part and ends with the tag', () => {
  for (const bits of [2048, 4096]) {
    const bytes = Buffer.from(seal(createPublicKey(rsa(bits)), Buffer.from('abc'), target), 'base64');
    assert.equal(bytes.readUInt16BE(0), bits / 8);
    assert.equal(bytes.length, 2 + bits / 8 + 3 + 16);
  }
});

test('the same value sealed twice gives two ciphertexts', () => {
  const once = () => seal(publicKey, Buffer.from('abc'), target);
  assert.notEqual(once(), once());
});

test('the form of a ciphertext is told', () => {
  const fine = seal(publicKey, Buffer.from(''), target);
  const cut = Buffer.from(fine, 'base64').subarray(0, -1).toString('base64');
  const table: [string, RegExp | undefined][] = [
    [fine, undefined],
    [cut, /cut off/],
    ['YQ==', /too short/],
    ['YWJjZGVm', /begin/],
    ['not base64!', /no base64/],
  ];
  for (const [text, expected] of table) {
    const problem = sealedFormProblem(text);
    if (expected === undefined) assert.equal(problem, undefined);
    else assert.match(problem ?? '', expected);
  }
});

const now = new Date();
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const certificates: [string, string, string][] = [
  ['expired', selfSigned({ privateKey, notBefore: inDays(-9), notAfter: inDays(-1) }), 'certificate-expired'],
  [
    'not valid yet',
    selfSigned({ privateKey, notBefore: inDays(1), notAfter: inDays(2) }),
    'certificate-not-yet-valid',
  ],
  ['not RSA', selfSigned({ privateKey: ec }), 'certificate-not-rsa'],
  ['too weak', selfSigned({ privateKey: rsa(1024) }), 'certificate-weak'],
  ['a private key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'certificate-unreadable'],
  ['empty', '', 'certificate-unreadable'],
  ['broken', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'certificate-unreadable'],
];
for (const [what, pem, code] of certificates) {
  test(`a certificate that is ${what} is refused`, () => {
    assert.throws(
      () => sealingKey(pem, 'cert.pem', now),
      (error) => {
        assert.ok(error instanceof Failure);
        const [finding] = error.findings;
        assert.equal(finding?.code, code);
        assert.ok(finding?.hint);
        return true;
      },
    );
  });
}

test('a certificate is valid from its first moment to its last', () => {
  const [from, to] = [inDays(-1), inDays(1)].map(
    (time) => new Date(Math.floor(time.getTime() / 1000) * 1000),
  ) as [Date, Date];
  const pem = selfSigned({ privateKey, notBefore: from, notAfter: to });
  for (const time of [from, to]) assert.ok(sealingKey(pem, 'cert.pem', time));
  for (const time of [from.getTime() - 1, to.getTime() + 1])
    assert.throws(() => sealingKey(pem, 'cert.pem', new Date(time)), Failure);
});

test('of several certificates the first counts, as for kubeseal', () => {
  const other = rsa(2048);
  const pem = selfSigned({ privateKey }) + selfSigned({ privateKey: other });
  const sealed = seal(sealingKey(pem, 'cert.pem', now), Buffer.from('abc'), target);
  assert.equal(unseal(privateKey, sealed, labels.strict), 'abc');
});
