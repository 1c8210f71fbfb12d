import { type Case, sealed, sealedBoth } from '../case.ts';

/** The shortest text that has the form of a ciphertext. */
const wellSealed = Buffer.concat([Buffer.from([1, 0]), Buffer.alloc(256 + 16, 7)]).toString('base64');

export const sealedFormCases: readonly Case[] = [
  {
    code: 'sealed-form',
    spec: sealed({}, { sealed: { ...sealedBoth, 'admin-key': 'aHVudGVyMg==', 'database-dsn': wellSealed } }),
    path: 'spec.secrets.sealed.admin-key',
    fine: { spec: sealed({}, { sealed: { 'admin-key': wellSealed, 'database-dsn': wellSealed } }) },
  },
];
