/** The first lines of written files: who wrote them, and from what. */

const tool = 'glyphoxa-kustomize generate';

/** The header of what all environments share. */
export const sharedHeader = `Written by "${tool}" from glyphoxa.yaml. Change that file instead.`;

/** The header of what an environment has for itself. */
export const environmentHeader = `Written by "${tool}" from glyphoxa.yaml and the config.yaml of this environment. Change those instead.`;

/** The header of what a tenant has for itself, or all tenants have in common. */
export const tenantHeader = `Written by "${tool}" from glyphoxa.yaml, the template environment and tenants.yaml. Change those instead.`;

/** The header of what an engine has for all tenants. */
export const engineHeader = `Written by "${tool}" from tenants.yaml. Change that file instead. See docs/fleets.md.`;

const schema = 'yaml-language-server: $schema=https://json.schemastore.org/kustomization.json';

/** The header of a kustomization that is written as a whole. */
export const kustomizationHeader = `${schema}\n${sharedHeader}`;

/** The header of a tenant's kustomization. */
export const tenantKustomizationHeader = `${schema}\n${tenantHeader}`;

/** The header of a kustomization for an engine. */
export const engineKustomizationHeader = `${schema}\n${engineHeader}`;

/** The header of an environment's kustomization, which users add to. */
export const environmentKustomizationHeader = `${schema}
"${tool}" keeps what it needs here in step with glyphoxa.yaml and config.yaml.
What you add stays: images, patches, resources, components, labels and anything else.`;
