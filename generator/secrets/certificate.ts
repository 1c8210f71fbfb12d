/** The controller's public key, as its certificate publishes it. */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { type Failure, failure } from '../model/finding.ts';

/** What fewer bits leave open to attack. */
const fewestBits = 2048;

const fetchAgain = 'get the certificate of the running controller with --fetch';

/**
 * The key in a certificate. Of several certificates in a file the first counts, as for kubeseal.
 *
 * @param shown what messages call the file
 * @param now the time that it must be valid at
 * @throws Failure where nothing can be sealed with it
 */
export function sealingKey(pem: string, shown: string, now: Date): KeyObject {
  const certificate = parse(pem);
  if (certificate === undefined) {
    const isKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem);
    const message = isKey ? `${shown} is a private key` : `${shown} holds no certificate`;
    const hint = isKey ? 'keep it secret, and name the certificate that belongs to it' : fetchAgain;
    throw failure('certificate-unreadable', message, hint);
  }
  const [from, to] = [certificate.validFrom, certificate.validTo].map((time) => new Date(time)) as [
    Date,
    Date,
  ];
  if (to < now) throw invalid('certificate-expired', `the certificate in ${shown} expired on ${day(to)}`);
  if (from > now) {
    const message = `the certificate in ${shown} is not valid before ${day(from)}`;
    throw failure('certificate-not-yet-valid', message, 'check the clock of this machine');
  }
  const { publicKey } = certificate;
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  if (asymmetricKeyType !== 'rsa') {
    const message = `the certificate in ${shown} has a key of type ${asymmetricKeyType}, and sealing needs RSA`;
    throw invalid('certificate-not-rsa', message);
  }
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < fewestBits) {
    const message = `the key in ${shown} has ${bits} bits, and fewer than ${fewestBits} are not safe`;
    throw invalid('certificate-weak', message);
  }
  return publicKey;
}

function parse(pem: string): X509Certificate | undefined {
  const [first] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(pem) ?? [];
  if (first === undefined) return undefined;
  try {
    return new X509Certificate(first);
  } catch {
    return undefined;
  }
}

function invalid(code: string, message: string): Failure {
  return failure(code, message, fetchAgain);
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
