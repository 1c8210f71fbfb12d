/** How a command puts secret values away: sealed where it has a certificate. */
import type { SecretOptions } from '../../../editor/session.ts';
import type { Io } from '../../io.ts';

/**
 * What a session needs to put a secret value away.
 *
 * @param cert the file of the controller's certificate; else `$SEALED_SECRETS_CERT`, else nothing is sealed
 */
export function secretOptions(folder: string, cert: string | undefined, io: Io): SecretOptions {
  const sources = { env: io.env, folder };
  if (cert === undefined && (io.env.SEALED_SECRETS_CERT ?? '') === '') return { sources };
  return {
    sources,
    async sealingKey(config) {
      const { certificate } = await import('../seal.ts');
      const { sealingKey } = await import('../../../secrets/certificate.ts');
      const options = { dir: folder, key: [], ...(cert === undefined ? {} : { cert }) };
      const { pem, shown } = await certificate('', options, config, io);
      return sealingKey(pem, shown, new Date());
    },
  };
}
