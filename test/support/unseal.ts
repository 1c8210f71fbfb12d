/** What the sealed-secrets controller does with a ciphertext, by the published format. */
import { constants, createDecipheriv, type KeyObject, privateDecrypt } from 'node:crypto';

/**
 * Opens a ciphertext.
 *
 * @param label what the scope binds it to: `namespace/name`, `namespace` or nothing
 */
export function unseal(privateKey: KeyObject, ciphertext: string, label: string): string {
  const bytes = Buffer.from(ciphertext, 'base64');
  const length = bytes.readUInt16BE(0);
  const wrapped = bytes.subarray(2, 2 + length);
  const body = bytes.subarray(2 + length, -16);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const options = { key: privateKey, padding, oaepHash: 'sha256', oaepLabel: Buffer.from(label) };
  const decipher = createDecipheriv('aes-256-gcm', privateDecrypt(options, wrapped), Buffer.alloc(12));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
}
