import type { Json, Path } from '../../model/json.ts';
import { providerKinds } from '../providers.ts';
import { secretKeys } from '../secret-keys.ts';
import { hasVolumes } from './pod-patch.ts';
import type { Rule } from './rule.ts';

/** A rule on the program's configuration file, which is not read where `secrets.configSecret` is set. */
export function fileRule(rule: Rule): Rule {
  return {
    ...rule,
    check: (context) => (context.config.spec.secrets.configSecret === undefined ? rule.check(context) : []),
  };
}

const file: Path = ['spec', 'config'];

/** The paths of the texts in a value that fit. */
function textsThat(fits: (text: string) => boolean, value: Json, path: Path): Path[] {
  if (typeof value === 'string') return fits(value) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  const found: Path[] = [];
  const visit = (item: Json, key: string | number): void => {
    if (typeof item === 'object' ? item !== null : typeof item === 'string' && fits(item)) {
      found.push(...textsThat(fits, item, [...path, key]));
    }
  };
  if (Array.isArray(value)) value.forEach(visit);
  else for (const key of Object.keys(value)) visit(value[key] as Json, key);
  return found;
}

const isReference = (text: string) => text.includes('$') && /\$\{[A-Za-z_]\w*\}|^\$[A-Za-z_]\w*$/.test(text);

const notExpanded = fileRule({
  code: 'not-expanded',
  severity: 'warning',
  about:
    'Nothing expands variables: a reference in a secret or in the configuration file stays as it stands.',
  check: ({ config }) => {
    const message = 'variables are not expanded here, so the program gets this text as it stands';
    const secrets = secretKeys(config).flatMap(({ path, value }) =>
      value?.value !== undefined && isReference(value.value) ? [[...path, 'value']] : [],
    );
    const inFile = textsThat(isReference, config.spec.config as Json, file);
    return [
      ...secrets.map((path) => ({ path, message, hint: 'use fromEnv with the name alone', hidden: true })),
      ...inFile.map((path) => ({
        path,
        message,
        hint: 'write the value itself, or leave a key out and set spec.secrets.providerKeys',
        hidden: true,
      })),
    ];
  },
});

/** What a ConfigMap or a Secret can hold. */
const largest = 1024 * 1024;

/** Client-side apply keeps a copy of the object in an annotation, and annotations have this limit. */
const largestAnnotated = 250 * 1024;

/** More bytes than a value takes as JSON, found without writing it: nearly all files are far smaller. */
function mostBytes(value: Json): number {
  if (typeof value === 'string') return value.length * 6 + 3;
  if (typeof value !== 'object' || value === null) return 25;
  let bytes = 2;
  if (Array.isArray(value)) for (const item of value) bytes += mostBytes(item);
  else for (const key of Object.keys(value)) bytes += key.length * 6 + 4 + mostBytes(value[key] as Json);
  return bytes;
}

const configSize = fileRule({
  code: 'config-size',
  severity: 'error',
  about:
    'A ConfigMap holds at most 1 MiB; from 250 KiB on it can only be applied by server-side apply (warning).',
  check: ({ config }) => {
    if (mostBytes(config.spec.config as Json) <= largestAnnotated) return [];
    const bytes = Buffer.byteLength(JSON.stringify(config.spec.config));
    if (bytes <= largestAnnotated) return [];
    const tooLarge = bytes > largest;
    return {
      path: file,
      message: `the configuration file has ${bytes} bytes, more than ${
        tooLarge ? 'a ConfigMap can hold' : 'client-side apply can take'
      }`,
      hint: tooLarge ? 'shorten it' : 'apply it with --server-side, or shorten it',
      at: 'key',
      ...(tooLarge ? {} : { severity: 'warning' }),
    };
  },
});

const serverTls = fileRule({
  code: 'server-tls',
  severity: 'warning',
  about: 'TLS of the admin API needs a certificate and a key, and a pod patch that mounts both files.',
  check: ({ config }) => {
    const tls = config.spec.config.server?.tls;
    const given = (name: 'cert_file' | 'key_file') => tls?.[name] !== undefined;
    if (!given('cert_file') && !given('key_file')) return [];
    const path = [...file, 'server', 'tls'];
    const missing = (['cert_file', 'key_file'] as const).find((name) => !given(name));
    if (missing !== undefined) {
      const message = `TLS needs a certificate and a key, and ${missing} is missing`;
      return [{ path: [...path, missing], message, hint: `set ${missing}` }];
    }
    if (hasVolumes(config, 'gateway')) return [];
    return {
      path,
      message: 'nothing mounts these files into the gateway',
      hint: 'mount them in spec.gateway.podPatch',
    };
  },
});

const campaignFiles = fileRule({
  code: 'campaign-files',
  severity: 'warning',
  about: 'The files of a campaign are not in the image, so a pod patch must mount them.',
  check: ({ config }) => {
    if (hasVolumes(config, 'gateway') || hasVolumes(config, 'worker')) return [];
    const { campaign } = config.spec.config;
    return (['entity_files', 'vtt_imports'] as const).flatMap((name) =>
      (campaign?.[name] ?? []).length === 0
        ? []
        : [
            {
              path: [...file, 'campaign', name],
              message: 'nothing mounts these files into the pods',
              hint: 'mount them in spec.worker.podPatch',
            },
          ],
    );
  },
});

const modelFiles = fileRule({
  code: 'model-files',
  severity: 'warning',
  about: 'The files of models are not in the image, so a pod patch must mount them.',
  check: ({ config }) => {
    if (hasVolumes(config, 'worker')) return [];
    return providerKinds.flatMap((part) => {
      const { name, model, options = {} } = config.spec.config.providers?.[part] ?? {};
      const values: readonly [Path, Json | undefined][] = [
        [['model'], name === 'whisper-native' || name === 'silero' ? model : undefined],
        [['options', 'model_path'], options.model_path],
        [['options', 'onnx_lib_path'], options.onnx_lib_path],
      ];
      return values
        .filter(([, value]) => typeof value === 'string' && value.startsWith('/'))
        .map(([path]) => ({
          path: [...file, 'providers', part, ...path],
          message: 'nothing mounts this file into the workers',
          hint: 'mount it in spec.worker.podPatch',
        }));
    });
  },
});

const memoryDsn = fileRule({
  code: 'memory-dsn-unused',
  severity: 'warning',
  about: 'Gateway and workers take the DSN from the environment (`database.dsn`) and not from the file.',
  check: ({ config }) => {
    if (config.spec.config.memory?.postgres_dsn === undefined) return [];
    return {
      path: [...file, 'memory', 'postgres_dsn'],
      message: 'the program gets its DSN from the environment, so this one only spreads a secret',
      hint: 'remove it, and give the DSN as spec.database.dsn',
      hidden: true,
    };
  },
});

/** Rules on the program's configuration file as a whole. */
export const appConfigRules: readonly Rule[] = [
  notExpanded,
  configSize,
  serverTls,
  campaignFiles,
  modelFiles,
  memoryDsn,
];
