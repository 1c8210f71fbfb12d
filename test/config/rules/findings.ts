import { loadConfig, type Source } from '../../../generator/config/load.ts';
import type { Finding } from '../../../generator/model/finding.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { readYaml } from '../../../generator/model/yaml.ts';
import { writeYaml } from '../../../generator/model/yaml-writer.ts';

/** What is said beside the release name `voice`; the environment's layer, where there is one. */
export interface Input {
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  readonly environment?: JsonObject;
}

const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };

/** The layers of an input, the resource first, and the text of the resource. */
export function sourcesOf({ metadata, spec, environment }: Input): [Source, Source | undefined, string] {
  const resource = {
    ...head,
    metadata: { name: 'voice', ...metadata },
    ...(spec === undefined ? {} : { spec }),
  };
  const text = writeYaml(resource);
  const layer = environment && writeYaml({ ...head, ...environment });
  return [
    readYaml(text, 'glyphoxa.yaml'),
    layer === undefined ? undefined : readYaml(layer, 'overlays/e/config.yaml'),
    text,
  ];
}

/** All findings of an input. */
export function findingsOf(input: Input): readonly Finding[] {
  const [resource, layer] = sourcesOf(input);
  return loadConfig(resource, layer).findings;
}
