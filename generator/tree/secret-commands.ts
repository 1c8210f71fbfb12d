/** The command lines that write a Secret of the cluster from the git-ignored files of this machine. */
import { commandLine } from '../model/command.ts';

/** A Secret that somebody makes by hand. */
export interface HandMadeSecret {
  readonly name: string;
  readonly namespace: string;
  /** Whether the apply is to bring the namespace: the Secret has to be there before. */
  readonly bringsNamespace: boolean;
}

/** The command line that makes a namespace, and is right where it is there already. */
export function namespaceCommand(namespace: string): string {
  return commandLine`kubectl create namespace ${namespace} --dry-run=client -o yaml | kubectl apply --server-side -f -`;
}

/**
 * Writes the lines of `secrets.env` into a Secret, and files into the same, each under the field manager of its own: what is
 * taken out of one goes, what the other brought stays. A value that somebody else has set otherwise is a conflict, and is
 * not lost unnoticed.
 *
 * @param envFile the path of `secrets.env`; none where it has no line to write
 * @param files the paths of files named as their keys
 */
export function secretCommands(
  { name, namespace, bringsNamespace }: HandMadeSecret,
  envFile: string | undefined,
  files: readonly string[],
): string[] {
  const create = ['kubectl', '-n', namespace, 'create', 'secret', 'generic', name];
  const dry = ['--dry-run=client', '-o', 'yaml'];
  const apply = ['kubectl', '-n', namespace, 'apply', '--server-side'];
  const first = { line: bringsNamespace ? `${namespaceCommand(namespace)} &&` : '' };
  const line = (from: readonly string[], manager: string) =>
    commandLine`${first} ${create} ${from} ${dry} | ${apply} ${`--field-manager=${manager}`} -f -`;
  return [
    ...(envFile === undefined ? [] : [line([`--from-env-file=${envFile}`], 'secrets-env')]),
    ...(files.length === 0
      ? []
      : [
          line(
            files.map((file) => `--from-file=${file}`),
            'secret-files',
          ),
        ]),
  ];
}
