import { type Loaded, lay, loadStack, type Source, type Stack, stackOf, toFinding } from '../config/load.ts';
import { resolveSecrets, type SecretSources } from '../config/resolve.ts';
import type { Config } from '../config/schema/resource.ts';
import { Failure, type Finding, hasErrors, sortFindings } from '../model/finding.ts';
import type { KubernetesObject } from '../model/object.ts';
import { generate } from './generate.ts';
import { tooLarge } from './object-size.ts';

/** A deployment's configuration with everything that can be said of it without reading a secret. */
export interface Validated extends Loaded {
  readonly sources: readonly Source[];
}

/**
 * Reads and checks a configuration completely: its text, its values, its rules, and what pod patches make
 * of the pods. Reads no variable and no file.
 *
 * @param base the resource
 * @param environment the layer of an environment over it
 */
export async function validate(base: Source, environment?: Source): Promise<Validated> {
  const resource = stackOf(base);
  return environment === undefined
    ? validateStack(resource)
    : validateStack(lay(resource, environment), resource);
}

/**
 * The same for any number of layers.
 *
 * @param below the layers below the highest one
 */
export async function validateStack(stack: Stack, below?: Stack): Promise<Validated> {
  const loaded = loadStack(stack, below);
  const { sources } = stack;
  const { config } = loaded;
  if (config === undefined || hasErrors(loaded.findings)) return { ...loaded, sources };
  const problems = tooLarge(config);
  if (hasPodPatches(config)) {
    const { checkPodPatches } = await import('./pod-patch.ts');
    problems.push(...checkPodPatches(config));
  }
  if (problems.length === 0) return { ...loaded, sources };
  const findings = problems.map((problem) => toFinding(problem, sources));
  return { ...loaded, sources, findings: sortFindings([...loaded.findings, ...findings]) };
}

function hasPodPatches(config: Config): boolean {
  const { gateway, mcpGateway, worker } = config.spec;
  return [gateway, mcpGateway, worker].some(({ podPatch }) => Object.keys(podPatch).length > 0);
}

/** What a build gives. */
export interface Built {
  readonly config: Config;
  readonly objects: KubernetesObject[];
  /** Warnings; errors are thrown. */
  readonly findings: readonly Finding[];
}

/**
 * Reads and checks a configuration, reads its secrets, and makes the objects.
 *
 * @throws Failure with every finding, where one is an error
 */
export async function build(
  base: Source,
  environment: Source | undefined,
  from: SecretSources,
): Promise<Built> {
  return buildValidated(await validate(base, environment), from);
}

/** The same of a configuration that was checked. */
export function buildValidated(validated: Validated, from: SecretSources): Built {
  const { config, findings, sources } = validated;
  if (config === undefined || hasErrors(findings)) throw new Failure(findings);
  const { secrets, problems } = resolveSecrets(config, from);
  const found = [...problems, ...tooLarge(config, secrets)].map((problem) => toFinding(problem, sources));
  const all = sortFindings([...findings, ...found]);
  if (hasErrors(all)) throw new Failure(all);
  return { config, objects: generate(config, secrets), findings: all };
}
