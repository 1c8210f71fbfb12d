import { Argument } from 'commander';
import type { SchemaName } from '../../config/json-schema.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Command } from './shared/command.ts';

/** `schema`: the JSON Schema of the resource, of an environment or of a fleet. */
export function registerSchema(program: Command, context: Context): void {
  program
    .command('schema')
    .summary('print the JSON Schema of the resource, of an environment or of a fleet')
    .description(
      'Prints a JSON Schema (draft 2020-12) for editors and other tools. The first line "# yaml-language-server: $schema=schema/glyphoxa.schema.json" makes an editor use it.',
    )
    .addArgument(
      new Argument('[what]', 'which of them')
        .choices(['resource', 'environment', 'tenants'])
        .default('resource'),
    )
    .examples([
      ['glyphoxa-kustomize schema > glyphoxa.schema.json', 'the schema of glyphoxa.yaml'],
      [
        'glyphoxa-kustomize schema environment > environment.schema.json',
        "the schema of an overlay's config.yaml",
      ],
      ['glyphoxa-kustomize schema tenants > tenants.schema.json', 'the schema of tenants.yaml'],
    ])
    .action(
      action(context, async (what: SchemaName) => {
        const { jsonSchema } = await import('../../config/json-schema.ts');
        context.io.stdout.write(`${JSON.stringify(jsonSchema(what), null, 2)}\n`);
        return exitCodes.done;
      }),
    );
}
