/** A command of the command line: commander's, and what several of ours have in common. */
import { Command as Commander, Option } from 'commander';
import { wrapped } from '../../print/text-table.ts';

/** A command; what it makes below it is one too. */
export class Command extends Commander {
  override createCommand(name?: string): Command {
    return new Command(name);
  }

  /** `--dir`: the folder of a tree; undefined where the nearest is meant. */
  folder(of = 'glyphoxa.yaml'): this {
    return this.option('--dir <folder>', `the folder of ${of} (default: this one, or the nearest above)`);
  }

  /** `-o`: the format of what is written, by default the first one. */
  output(formats: readonly string[] = ['text', 'json'], description = 'how it is written'): this {
    const option = new Option('-o, --output <format>', description);
    return this.addOption(option.choices(formats).default(formats[0]));
  }

  /** An option that may be given several times, by default not at all. */
  repeated(flags: string, description: string): this {
    return this.option(
      flags,
      description,
      (value: string, before: readonly string[]) => [...before, value],
      [] as readonly string[],
    );
  }

  /**
   * The end of the help: examples, each with what it does, and what the exit codes mean.
   *
   * @param wrongInput what 1 means
   * @param done what 0 means
   * @param wrongUsage what 2 means
   */
  examples(
    listed: readonly (readonly [command: string, does: string])[],
    wrongInput = 'the input has errors',
    done = 'done',
    wrongUsage = 'the command line is wrong',
  ): this {
    const codes = [done, wrongInput, wrongUsage].flatMap((words, code) =>
      wrapped(words, 75).map((line, index) => `  ${index === 0 ? code : ' '}  ${line}`),
    );
    const lines = listed.flatMap(([command, does]) => [`  # ${does}`, `  $ ${command}`, '']);
    return this.addHelpText('after', ['', 'Examples:', ...lines, 'Exit codes:', ...codes].join('\n'));
  }
}
