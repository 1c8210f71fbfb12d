/**
 * The format of sealed-secrets: a random session key under the controller's RSA key, the value under the session
 * key. See https://github.com/bitnami/sealed-secrets, docs/developer/crypto.md.
 */
import { constants, createCipheriv, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto';

/** What a ciphertext is bound to. */
export type SealingScope = 'strict' | 'namespace-wide' | 'cluster-wide';

/** The Secret that a value is sealed for. */
export interface SealingTarget {
  readonly scope: SealingScope;
  readonly namespace: string;
  readonly name: string;
}

/** The text that binds a ciphertext to its target: the label of the RSA encryption. */
export function sealingLabel({ scope, namespace, name }: SealingTarget): string {
  switch (scope) {
    case 'strict':
      return `${namespace}/${name}`;
    case 'namespace-wide':
      return namespace;
    case 'cluster-wide':
      return '';
  }
}

/** Each session key is used once, so that its nonce may be zero. */
const nonce = Buffer.alloc(12);

/** Seals a value for a target. */
export function seal(publicKey: KeyObject, value: Uint8Array, target: SealingTarget): string {
  const sessionKey = randomBytes(32);
  const oaepLabel = Buffer.from(sealingLabel(target));
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const wrapped = publicEncrypt({ key: publicKey, padding, oaepHash: 'sha256', oaepLabel }, sessionKey);
  const cipher = createCipheriv('aes-256-gcm', sessionKey, nonce);
  const body = Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(wrapped.length);
  return Buffer.concat([length, wrapped, body]).toString('base64');
}
