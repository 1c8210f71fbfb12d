/** Where configurations have their secrets from. */
import { programProviders } from '../../../../generator/config/providers.ts';
import type { JsonObject } from '../../../../generator/model/json.ts';
import { keyTable, putSecrets } from '../../../support/secret-keys.ts';
import { secretFile } from './app-file.ts';

const keys = keyTable.map(({ key }) => key);

/** Keys that the program's file needs, into which no reference to a Secret can be written. */
const inFile = Object.values(programProviders)
  .flatMap((providers) => Object.values(providers))
  .flatMap((place) => (place?.readFrom === 'file' ? [`${place.key}-api-key`] : []));

/** Secrets of a resource that stand in a Secret of somebody's own. */
export function byReference(): JsonObject {
  const secretKeyRef = { name: 'own.secret', key: 'a.b_c-D' };
  return secretsOf((key) => (inFile.includes(key) ? undefined : { secretKeyRef }));
}

/** All secrets of a resource, each from somewhere. */
function secretsOf(source: (key: string, place: number) => JsonObject | undefined): JsonObject {
  return putSecrets({ spec: {} as JsonObject }, source).spec;
}

/** The provider `kubernetes`; every secret has another source in each turn. */
export function madeHere(turn: number): JsonObject {
  const made = secretsOf((key, place) => {
    const sources: JsonObject[] = [
      { value: key === 'database-dsn' ? 'postgres://u:p%40ss@db.example.com:5432/g' : `it's "${key}"` },
      { fromEnv: key.toUpperCase().replaceAll('-', '_') },
      { fromFile: `secrets/${key}.txt` },
      { secretKeyRef: { name: 'own', key } },
    ];
    // Only a file that has the keys itself goes with references to them.
    const turned = inFile.includes(key) && turn > 0 ? (turn + place) % 3 : (turn + place) % sources.length;
    return (inFile.includes(key) && turn === 0 ? sources[3] : sources[turned]) as JsonObject;
  });
  const secrets = { ...(made.secrets as JsonObject), provider: 'kubernetes', name: 'made.here' };
  return { ...made, secrets, ...(turn < 2 ? { config: secretFile } : {}) };
}

/** Ciphertexts that nobody can open. */
export function sealed(scope: string): JsonObject {
  const all = [...keys, 'config.yaml'].map((key) => [key, Buffer.from(`sealed ${key}`).toString('base64')]);
  const secrets = { provider: 'sealed-secrets', sealedScope: scope, sealed: Object.fromEntries(all) };
  return { secrets, config: secretFile };
}

/** The provider `external-secrets`. */
export function external(kind: string, refreshInterval: string): JsonObject {
  const entries = keys.map((key) => [key, { key: `glyphoxa/${key}`, property: 'value' }]);
  return {
    secrets: {
      provider: 'external-secrets',
      external: {
        storeRef: { name: 'vault.store', kind },
        refreshInterval,
        keys: Object.fromEntries(entries),
      },
    },
  };
}
