import { sealedFormProblem } from '../sealed-form.ts';
import type { Rule } from './rule.ts';

const sealedForm: Rule = {
  code: 'sealed-form',
  severity: 'warning',
  about:
    'What stands in `secrets.sealed` is a ciphertext: the controller cannot open anything else, and a secret in plain text would be readable for everyone.',
  check: ({ config }) =>
    Object.entries(config.spec.secrets.sealed).flatMap(([key, text]) => {
      const problem = sealedFormProblem(text);
      if (problem === undefined) return [];
      const path = ['spec', 'secrets', 'sealed', key];
      const hint = 'seal the value with the command seal; if it stands here in plain text, change it too';
      return [{ path, message: `the text ${problem}`, hint, hidden: true }];
    }),
};

/** Rules on what can be said of ciphertexts without any key. */
export const sealedFormRules: readonly Rule[] = [sealedForm];
