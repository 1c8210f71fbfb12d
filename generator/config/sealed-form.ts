/** The form of a ciphertext of sealed-secrets: what can be said of it without any key. */

/** The length of the tag that ends a ciphertext. */
const tagLength = 16;

/**
 * Says what keeps a text from being a ciphertext; undefined for nothing. It begins with the length of its RSA part
 * in two bytes: 256 for the smallest key that is safe, and a multiple of 128.
 */
export function sealedFormProblem(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) return 'is no base64';
  if (bytes.length < 2) return 'is too short for a ciphertext';
  const wrapped = bytes.readUInt16BE(0);
  if (wrapped % 128 !== 0 || wrapped < 256) return 'does not begin as a ciphertext of sealed-secrets does';
  return bytes.length < 2 + wrapped + tagLength ? 'is cut off' : undefined;
}
