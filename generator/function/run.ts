import type { Source } from '../config/load.ts';
import { Failure, type Finding, formatFinding } from '../model/finding.ts';
import { formatPath, isObject, type Json, type JsonObject } from '../model/json.ts';
import { readFile, whyUnreadable } from '../model/read-file.ts';
import { readYaml } from '../model/yaml.ts';
import { type Built, build, validate } from '../objects/build.ts';
import { readResourceList, toResult, writeResourceList } from './resource-list.ts';
import { findSourceFile } from './source-file.ts';

/** What a run of the function says, all of it at once: nothing is half-written. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: 0 | 1;
}

/** What a run depends on besides its input. */
export interface Surroundings {
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
}

/**
 * The contract of kustomize's classic exec plugins: the resource stands in a file, the objects go to
 * standard output. They are written as JSON, which is YAML: kustomize prints the same for it, sooner.
 *
 * @param file the file that kustomize names as the first argument
 */
export async function runClassic(file: string, around: Surroundings): Promise<Outcome> {
  const folder = around.env.KUSTOMIZE_PLUGIN_CONFIG_ROOT ?? around.cwd;
  let text: string;
  try {
    text = readFile(file).toString('utf8');
  } catch (error) {
    return failed(
      `${file} ${whyUnreadable(error)}; kustomize names the resource's file as the first argument`,
    );
  }
  let { value, findings } = readYaml(text, file);
  try {
    if (findings.some(isAmbiguous)) {
      refusePlain(folder, value);
      ({ value, findings } = readYaml(text, file, true));
    }
    const { objects, findings: warnings } = await build({ value, findings: bare(findings) }, undefined, {
      env: around.env,
      folder,
    });
    return { stdout: objects.map(toDocument).join(''), stderr: report(warnings), exitCode: 0 };
  } catch (error) {
    return failed(report((await located(error, folder, value)).findings));
  }
}

/** The contract of KRM functions: a ResourceList comes in, a ResourceList goes out. */
export async function runKrm(input: string, around: Surroundings): Promise<Outcome> {
  let list: ReturnType<typeof readResourceList>;
  try {
    list = readResourceList(input);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return failed(report(error.findings));
  }
  const { functionConfig } = list;
  const results = (findings: readonly Finding[]) =>
    findings.map((finding) => toResult(finding, functionConfig));
  try {
    if (list.hasPlainTexts) refusePlain(around.cwd, functionConfig);
    const source = functionConfig === undefined ? missingConfig : { value: functionConfig, findings: [] };
    const built = await build(source, undefined, { env: around.env, folder: around.cwd });
    const stdout = writeResourceList(list, built.objects, ownedBy(built), results(built.findings));
    return { stdout, stderr: report(built.findings), exitCode: 0 };
  } catch (error) {
    const findings = (await located(error, around.cwd, functionConfig)).findings.map(sayingWhatIsSeen);
    const stdout = writeResourceList(list, undefined, () => false, results(findings));
    return { stdout, stderr: report(findings), exitCode: 1 };
  }
}

const missingConfig: Source = {
  value: undefined,
  findings: [
    {
      code: 'missing-config',
      severity: 'error',
      path: ['functionConfig'],
      message: 'the ResourceList has no functionConfig',
      hint: 'name a resource of kind Glyphoxa as the function config',
    },
  ],
};

/** Who hands over the layer of an environment expects that it is laid over the resource, which a function is not given. */
function sayingWhatIsSeen(finding: Finding): Finding {
  if (finding.code !== 'required' || formatPath(finding.path) !== 'metadata.name') return finding;
  const seen =
    'a function sees one resource and no file above it, so the layer of an environment is not enough';
  return { ...finding, hint: `${finding.hint}; ${seen}` };
}

/** Objects that this function made before carry its label and the release's name. */
function ownedBy({ config }: Built): (item: JsonObject) => boolean {
  return ({ metadata }) => {
    const labels = isObject(metadata) ? metadata.labels : undefined;
    return (
      isObject(labels) &&
      labels['app.kubernetes.io/managed-by'] === 'glyphoxa-kustomize' &&
      labels['app.kubernetes.io/instance'] === config.metadata.name
    );
  };
}

/**
 * What came in plain may stand in quotes in the user's file, since kustomize writes it anew. Where the file can be found,
 * it decides.
 */
function refusePlain(folder: string, value: Json | undefined): void {
  const { findings = [] } = findSourceFile(folder, value) ?? {};
  if (findings.some(isAmbiguous)) throw new Failure(findings);
}

function isAmbiguous({ code }: Finding): boolean {
  return code === 'ambiguous-scalar';
}

/** The same findings with positions, where the resource's own file can be found and says the same. */
async function located(error: unknown, folder: string, value: Json | undefined): Promise<Failure> {
  if (!(error instanceof Failure)) throw error;
  const source = findSourceFile(folder, value);
  if (source === undefined) return error;
  const { findings } = await validate(source);
  const known = new Set(findings.map(({ code, path }) => JSON.stringify([code, path])));
  const others = error.findings.filter(({ code, path }) => !known.has(JSON.stringify([code, path])));
  const placed = others.map((finding) => ({ ...finding, position: source.locate(finding.path) }));
  return findings.some(({ severity }) => severity === 'error')
    ? new Failure(findings)
    : new Failure([...findings, ...placed]);
}

/** Positions in kustomize's temporary file would help nobody. */
function bare(findings: readonly Finding[]): Finding[] {
  return findings.map(({ position: _, ...finding }) => finding);
}

function toDocument(object: JsonObject): string {
  return `---\n${JSON.stringify(object)}\n`;
}

function report(findings: readonly Finding[]): string {
  return findings.map((finding) => `${formatFinding(finding)}\n`).join('');
}

function failed(message: string): Outcome {
  return {
    stdout: '',
    stderr: message.endsWith('\n') ? message : `glyphoxa-kustomize: ${message}\n`,
    exitCode: 1,
  };
}
