/**
 * Writes what is made from the schema: the JSON Schemas in schema/ and the reference page.
 *
 *     npm run schema
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonSchema, type SchemaName, schemaFiles } from '../generator/config/json-schema.ts';
import { reference } from './reference.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The files by their paths in the repository, with the text that they should have. */
export function schemaArtifacts(): Map<string, string> {
  const schemas = Object.entries(schemaFiles).map(
    ([name, file]) =>
      [`schema/${file}`, `${JSON.stringify(jsonSchema(name as SchemaName), null, 2)}\n`] as const,
  );
  return new Map([...schemas, ['docs/reference.md', reference()]]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of schemaArtifacts()) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
}
