/** Whether what is written of tenants is what the file of the fleet says. */
import { type Finding, hasErrors } from '../../model/finding.ts';
import { validate } from '../../objects/build.ts';
import { sharedTenantFolder } from '../layout.ts';
import { changedFiles, environmentPlans, staleFindingsOf } from '../stale.ts';
import type { FoundTenant, OpenFleet } from './build.ts';
import { planShared, tenantPlan } from './plan-tenant.ts';

/** What is out of date of a fleet. */
export interface FleetStaleness {
  /** In the folders that all tenants are built on. */
  readonly below: readonly Finding[];
  /** In the folder of one tenant; nothing while its configuration has errors, which are told where it is read. */
  of(found: FoundTenant): Finding[];
}

/** Compares what all tenants are built on with the disk; each tenant follows when it is asked for. */
export async function fleetStaleness(open: OpenFleet): Promise<FleetStaleness> {
  const { tree, fleet, template, shared, images } = open;
  const { base, files } = planShared(fleet.template, template, shared, fleet.bounds, images);
  const { config: alone } = await validate(open.resource);
  const below =
    alone === undefined
      ? []
      : [
          ...environmentPlans(tree, alone, { name: fleet.template, config: template }),
          { folder: sharedTenantFolder, release: template.metadata.name, files },
        ];
  const about = { environments: [fleet.template] };
  return {
    below: staleFindingsOf(tree, () => changedFiles(tree, below), about),
    of({ tenant, validated: { config, findings } }) {
      if (config === undefined || hasErrors(findings)) return [];
      const plan = tenantPlan(fleet, base, config, tenant);
      return staleFindingsOf(tree, () => changedFiles(tree, [plan]), { tenants: [tenant.id] });
    },
  };
}
