import type { Rule } from './rule.ts';

export const appConfigRules: readonly Rule[] = [];
