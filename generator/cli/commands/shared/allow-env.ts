import { Option } from 'commander';

/** What `--allow-env` gives. */
export interface AllowEnv {
  readonly allowEnv?: readonly string[];
}

/** `--allow-env`: the variables that `fromEnv` may read. */
export function allowEnvOption(): Option {
  return new Option(
    '--allow-env <name>',
    'a variable that fromEnv may read, can be repeated (default: GLYPHOXA_ALLOW_ENV, else every one, in CI none)',
  ).argParser((name: string, before: readonly string[] | undefined) => [...(before ?? []), name]);
}
