/** Reads a fleet with the layers below it, and checks each tenant's values. */
import { type Bounds, type Fleet, fleetFile, readFleet, type Tenant } from '../../config/fleet.ts';
import { lay, type Stack, stackOf, toFinding } from '../../config/load.ts';
import type { Problem } from '../../config/problem.ts';
import type { Config } from '../../config/schema/resource.ts';
import { suggest } from '../../config/suggest.ts';
import { Failure, failure } from '../../model/finding.ts';
import type { YamlSource } from '../../model/yaml.ts';
import { type Validated, validateStack } from '../../objects/build.ts';
import { readText, type Tree } from '../disk.ts';
import { environmentFolder } from '../layout.ts';
import { environmentNames, readLayer } from '../load.ts';

/** A fleet, and what all of its tenants rest on. */
export interface LoadedFleet {
  readonly fleet: Fleet;
  /** The configuration of the template environment. */
  readonly template: Config;
  /** The same with the defaults of the fleet. */
  readonly shared: Config;
  /** The layers below the tenants'. */
  readonly below: Stack;
}

/** The text of a tree's fleet; undefined where it has none. */
export function fleetTextOf(tree: Tree, texts: Map<string, string>): string | undefined {
  const text = readText(tree, fleetFile);
  if (text !== undefined) texts.set(tree.show(fleetFile), text);
  return text;
}

/** Reads the fleet of a tree; undefined where it has none. @throws Failure where nothing of it can be used */
export function readFleetOf(tree: Tree, texts: Map<string, string>): Fleet | undefined {
  const text = fleetTextOf(tree, texts);
  return text === undefined ? undefined : readFleet(text, tree.show(fleetFile));
}

/**
 * Lays the defaults of a fleet over its template environment.
 *
 * @param texts takes the texts that were read, by the names that findings give them
 * @throws Failure where the template is not there, has errors, or is none that tenants can be built on
 */
export async function loadFleet(
  tree: Tree,
  fleet: Fleet,
  resource: YamlSource,
  texts: Map<string, string> = new Map(),
): Promise<LoadedFleet> {
  checkTemplate(tree, fleet);
  const alone = stackOf(resource);
  const layer = readLayer(tree, fleet.template);
  texts.set(layer.file, layer.text);
  const environment = lay(alone, layer);
  const { config: template } = await validateStack(environment, alone);
  const defaults = lay(environment, fleet.defaults);
  const wrong = defaults.findings.filter(({ severity }) => severity === 'error');
  // What the rules say of the defaults is reported for the tenants, which may supply what is missing.
  if (wrong.length > 0) throw new Failure(wrong);
  const { config: shared } = await validateStack(defaults, environment);
  if (template === undefined || shared === undefined)
    throw failure(
      'template-errors',
      `the template environment ${fleet.template} has errors`,
      'correct them first',
    );
  if (template.spec.secrets.provider === 'kubernetes') {
    const hint = `set spec.secrets.provider of ${environmentFolder(fleet.template)} to another one`;
    throw failure('template-secrets', 'every tenant would get the Secret of the template environment', hint);
  }
  return { fleet, template, shared, below: defaults };
}

function checkTemplate(tree: Tree, { template, source }: Fleet): void {
  const names = environmentNames(tree);
  if (names.includes(template)) return;
  const close = suggest(template, names);
  const hint =
    close !== undefined
      ? `did you mean ${close}?`
      : `use one of ${names.join(', ') || 'overlays/, which has none yet'}`;
  throw new Failure([
    toFinding(
      {
        code: 'no-template',
        severity: 'error',
        path: ['template'],
        message: `there is no environment ${JSON.stringify(template)}`,
        hint,
      },
      source,
    ),
  ]);
}

/** A tenant's layers, the highest of them its own. */
function tenantStack({ below }: LoadedFleet, tenant: Tenant): Stack {
  return lay({ ...below, findings: [] }, tenant.layer, { renames: true });
}

/** Checks a tenant's configuration completely. */
export async function validateTenant(loaded: LoadedFleet, tenant: Tenant): Promise<Validated> {
  const stack = tenantStack(loaded, tenant);
  const validated = await validateStack(stack, loaded.below);
  if (validated.config === undefined) return validated;
  const problems = tenantProblems(validated.config, tenant.bounds);
  if (problems.length === 0) return validated;
  return {
    ...validated,
    findings: [...validated.findings, ...problems.map((problem) => toFinding(problem, stack.sources))],
  };
}

/** What must hold for a tenant beyond what holds for every configuration. */
function tenantProblems({ spec }: Config, { defaultDeny }: Bounds): Problem[] {
  const problems: Problem[] = [];
  if (spec.secrets.provider === 'kubernetes')
    problems.push({
      code: 'tenant-secrets',
      severity: 'error',
      path: ['spec', 'secrets', 'provider'],
      message: 'the Secret of a tenant is not made from files of this machine',
      hint: 'use existing, sealed-secrets or external-secrets',
    });
  if (spec.postgresql.enabled)
    problems.push({
      code: 'tenant-database',
      severity: 'warning',
      path: ['spec', 'postgresql', 'enabled'],
      message: 'the database of a tenant is not made by this tool',
      hint: 'make it in the namespace of the tenant, or name one by its DSN',
    });
  if (defaultDeny === true && !spec.networkPolicy.enabled)
    problems.push({
      code: 'deny-without-policies',
      severity: 'error',
      path: ['spec', 'networkPolicy', 'enabled'],
      message: 'defaultDeny shuts off every pod, and no policy opens what is needed',
      hint: 'set spec.networkPolicy.enabled, or remove defaultDeny',
    });
  return problems;
}
