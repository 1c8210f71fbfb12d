/** Secrets that something in the cluster makes from objects of a target. */
import { dig, isObject, maps } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';

/** A Secret that will be made. */
export interface MadeSecret {
  readonly namespace: string;
  readonly name: string;
  /** Its keys, as far as the object names them; undefined where it does not. */
  readonly keys: readonly string[] | undefined;
  /** The object that it is made from. */
  readonly maker: KubernetesObject;
}

/**
 * The Secrets that objects ask for: SealedSecrets, ExternalSecrets, and cert-manager's Certificates. Sources: the
 * documentation of each for the Secret's name and keys.
 */
export function madeSecrets(objects: readonly KubernetesObject[]): MadeSecret[] {
  return objects.flatMap((maker) => {
    const read = makers[maker.kind];
    const { name, namespace } = maker.metadata;
    const made = read?.(maker);
    if (made === undefined) return [];
    return [{ namespace: String(namespace), name: made.name ?? name, keys: made.keys, maker }];
  });
}

interface Made {
  /** @default the name of the object */
  readonly name: string | undefined;
  readonly keys: readonly string[] | undefined;
}

const makers: { readonly [kind: string]: (object: KubernetesObject) => Made } = {
  SealedSecret: ({ spec }) => ({
    name: text(dig(spec, ['template', 'metadata', 'name'])),
    keys: [...keysOf(dig(spec, ['encryptedData'])), ...keysOf(dig(spec, ['template', 'data']))],
  }),
  ExternalSecret: ({ spec }) => {
    const isOpen = dig(spec, ['dataFrom']) !== undefined || dig(spec, ['target', 'template']) !== undefined;
    const keys = maps(dig(spec, ['data'])).map(({ secretKey }) => String(secretKey));
    return { name: text(dig(spec, ['target', 'name'])), keys: isOpen ? undefined : keys };
  },
  Certificate: ({ spec }) => ({
    name: text(dig(spec, ['secretName'])),
    keys: undefined,
  }),
};

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}
