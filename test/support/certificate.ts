/** Self-signed X.509 certificates for tests, so that they need no openssl and no committed keys. */
import { createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What a certificate says. */
export interface CertificateOptions {
  /** An RSA or EC key; the certificate is signed with it. */
  readonly privateKey: KeyObject;
  /** @default an hour ago */
  readonly notBefore?: Date;
  /** @default in a day */
  readonly notAfter?: Date;
  /** IPv4 addresses that a server has. @default none */
  readonly addresses?: readonly string[];
}

const hour = 3_600_000;

/** A self-signed certificate, as PEM. */
export function selfSigned(options: CertificateOptions): string {
  const { privateKey, addresses = [] } = options;
  const now = Date.now();
  const { notBefore = new Date(now - hour), notAfter = new Date(now + 24 * hour) } = options;
  const isRsa = privateKey.asymmetricKeyType === 'rsa';
  const algorithm = isRsa
    ? sequence(objectId('1.2.840.113549.1.1.11'), der(0x05))
    : sequence(objectId('1.2.840.10045.4.3.2'));
  const name = sequence(der(0x31, sequence(objectId('2.5.4.3'), der(0x0c, Buffer.from('test')))));
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const names = der(
    0x30,
    ...addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number)))),
  );
  const isAuthority = extension('2.5.29.19', sequence(der(0x01, Buffer.from([0xff]))));
  const extensions = sequence(isAuthority, ...(addresses.length > 0 ? [extension('2.5.29.17', names)] : []));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    spki,
    der(0xa3, extensions),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(0x30, ...contents);
}

function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((part) => {
    const digits = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, value));
}

/** A GeneralizedTime; whole seconds, in UTC. */
function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`));
}
