/** Labels of what an engine has for a tenant. */

/** The id of the tenant. */
export const tenantLabel = 'glyphoxa.io/tenant';

/** The wave of the tenant. */
export const waveLabel = 'glyphoxa.io/wave';
