/** Makes a resource of the values of the Helm chart. */

import { suggest } from '../config/suggest.ts';
import { failure } from '../model/finding.ts';
import { splitImage } from '../model/image.ts';
import { dig, isObject, type Json, type JsonObject, type Path } from '../model/json.ts';
import { keepConfig } from './app-config.ts';
import { chartAppVersion, chartDefaults, type Row, rows } from './chart.ts';
import { type Aim, Draft, type FoundSecret } from './draft.ts';
import { overDefaults } from './merge.ts';
import type { Values } from './places.ts';
import { moveResources, moveWorkerResources } from './resources.ts';
import { liftTier } from './tier.ts';

/** What was made of an operator's values. */
export interface Converted {
  readonly draft: Draft;
  readonly secrets: readonly FoundSecret[];
  /** The program's whole file, where it holds secrets that have no key of their own. */
  readonly configFile: JsonObject | undefined;
}

/** What the chart itself brings; of a release that is installed it is known. */
export interface ChartFacts {
  readonly defaults?: JsonObject;
  readonly appVersion?: string | undefined;
  /** The names of the release's Deployments. */
  readonly deployments?: readonly string[];
  /** The image to run instead of the one in the values. */
  readonly image?: string | undefined;
}

const pathOf = (words: string): string[] => words.split('.');

/** Makes a resource of values as helm would hand them to the chart. Nothing that an operator wrote is passed over in silence. */
export function convertChart(values: Values, aim: Aim, chart: ChartFacts = {}): Converted {
  const draft = new Draft(aim, values);
  demandChart(values.value);
  const complete = overDefaults(values.value, chart.defaults ?? chartDefaults);
  demandMaps(draft, complete);
  tellUnknown(draft, values.value);
  const secrets: FoundSecret[] = [];
  for (const row of rows) {
    const from = pathOf(row.helm);
    const value = dig(complete, from);
    if (row.as === 'secret') findSecret(draft, secrets, row, from, value);
    else move(draft, row, from, value);
  }
  moveImage(draft, complete, chart);
  tellDeployments(draft, chart);
  moveTopology(draft, complete);
  moveAccount(draft, complete);
  moveGpu(draft, complete);
  moveWorkerResources(draft, complete);
  moveDatabase(draft, secrets);
  liftTier(draft);
  const configFile = keepConfig(draft, dig(complete, ['config', 'data']), secrets);
  return { draft, secrets, configFile };
}

/** What other charts have too, and what therefore says nothing of whose values these are. */
const common = [
  'image',
  'imagePullSecrets',
  'autoscaling',
  'postgresql',
  'global',
  'nameOverride',
  'fullnameOverride',
];

/** @throws Failure where the values are for the most part of another chart */
function demandChart(written: JsonObject): void {
  const keys = Object.keys(written).filter((key) => !common.includes(key));
  const strangers = keys.filter((key) => !Object.hasOwn(chartDefaults, key));
  if (strangers.length <= keys.length - strangers.length) return;
  throw failure(
    'other-chart',
    'these are no values of the chart that deploys the first generation of Glyphoxa',
    'name the files that helm gets for it; its values begin with keys such as gateway, worker and mcpGateway',
  );
}

/** Groups that the chart looks into, so that helm fails where they are no maps. */
const groups = [
  ...new Set(
    rows.flatMap(({ helm }) => pathOf(helm).map((_, index, path) => path.slice(0, index).join('.'))),
  ),
].filter((group) => group !== '' && !/^(?:postgresql|sealed-secrets|worker\.gpu)/.test(group));

function demandMaps(draft: Draft, complete: JsonObject): void {
  for (const group of groups) {
    const value = dig(complete, pathOf(group));
    const parent = dig(complete, pathOf(group).slice(0, -1));
    if (isObject(value) || (group.includes('.') && !isObject(parent))) continue;
    const message = `${group} is no map, so helm itself cannot render the chart with it`;
    draft.tell('helm-refuses', pathOf(group), message, 'write a map, or take the line away', 'error');
  }
}

const known = rows.map(({ helm }) => helm);

/** Keys that neither the chart nor the resource knows, and those of the chart that have no counterpart. */
function tellUnknown(draft: Draft, written: Json, path: Path = []): void {
  if (!isObject(written)) return;
  for (const [key, value] of Object.entries(written)) {
    const at = [...path, key];
    const name = at.join('.');
    if (known.includes(name) && name !== 'worker.gpu') continue;
    if (known.some((each) => each.startsWith(`${name}.`))) tellUnknown(draft, value, at);
    else if (/^(?:postgresql|sealed-secrets)\.|^global$/.test(name))
      draft.tell(
        'no-counterpart',
        at,
        `${name} belongs to a chart inside the chart, and the resource has nothing that says the same`,
        name.startsWith('postgresql.')
          ? 'the database stays as it is; see spec.postgresql for what the resource can say of it'
          : 'nothing to do if it is not needed any more',
      );
    else if (name === 'fullnameOverride' || name === 'nameOverride') tellNames(draft, at, value);
    else tellStranger(draft, at, Object.keys(dig(chartDefaults, path) as JsonObject));
  }
}

function tellNames(draft: Draft, at: Path, value: Json): void {
  if (value === '' || value === draft.aim.release) return;
  const message = `${String(at)} gives the objects other names than a resource can`;
  const hint = 'they cannot be taken over in place: deploy beside them, and remove the old ones after that';
  draft.tell('no-counterpart', at, message, hint);
}

function tellStranger(draft: Draft, at: Path, siblings: readonly string[]): void {
  const name = at.join('.');
  const close = suggest(String(at.at(-1)), siblings);
  const hint =
    close === undefined ? 'it had no effect in helm either, and was left out' : `did you mean ${close}?`;
  draft.tell('unknown-value', at, `${name.length > 80 ? 'this' : name} is no value of the chart`, hint);
}

function findSecret(
  draft: Draft,
  secrets: FoundSecret[],
  { helm, to }: Row,
  from: Path,
  value: Json | undefined,
): void {
  if (value === undefined || value === null || value === '' || typeof value === 'object') return;
  const other = secrets.find(({ key }) => key === to);
  if (other !== undefined) {
    const message = `${draft.nameOf(from)} had no effect in helm: ${draft.nameOf(other.from)} wins over it`;
    if (String(value) !== other.value)
      draft.tell('no-counterpart', from, message, 'nothing to do, if the other one is meant');
    return;
  }
  secrets.push({ key: to, value: String(value), from, isInSecret: helm !== 'database.dsn' });
}

function move(draft: Draft, row: Row, from: Path, value: Json | undefined): void {
  const to = pathOf(row.to).slice(1);
  if (row.as === 'flag') draft.set(to, isTrue(draft, from, value), from);
  else if (row.as === 'number') moveNumber(draft, to, from, value);
  else if (row.as === 'resources') moveResources(draft, to, from, value);
  else if (row.as === 'value' && value !== undefined && value !== null && value !== '')
    draft.set(to, value, from);
}

/** What Go's templates take a value for. */
function isTrue(draft: Draft, from: Path, value: Json | undefined): boolean {
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null) return false;
  const isEmpty = value === '' || value === 0 || Object.keys(value).length === 0;
  const result = typeof value === 'object' || typeof value === 'string' ? !isEmpty : value !== 0;
  const message = `${draft.nameOf(from)} is neither true nor false, and helm takes it for ${result}`;
  draft.tell('read-as', from, message, `the resource has ${result}; write the one that is meant`);
  return result;
}

/** What the API server makes of a number that is not there. */
const withoutNumber: { readonly [name: string]: number } = { replicaCount: 1, minReplicas: 1 };

function moveNumber(draft: Draft, to: Path, from: Path, value: Json | undefined): void {
  const isDigits = typeof value === 'string' && /^-?\d+$/.test(value);
  const number = isDigits ? Number(value) : (value ?? withoutNumber[String(to.at(-1))]);
  if (number !== undefined) draft.set(to, number, from);
  else {
    const message = `null takes ${draft.nameOf(from)} away, and the resource cannot be without it: its default is used`;
    draft.tell('no-counterpart', from, message, `look at spec.${to.join('.')}`);
  }
}

function moveImage(draft: Draft, complete: JsonObject, chart: ChartFacts): void {
  const from = ['image', 'tag'];
  const tag = dig(complete, from);
  if (chart.image !== undefined) setImage(draft, chart.image, []);
  else if (typeof tag === 'string' && tag.includes('@')) setImage(draft, `:${tag}`, from);
  else if (tag !== undefined && tag !== null && tag !== '') draft.set(['core', 'image', 'tag'], tag, from);
  else {
    const version = chart.appVersion ?? chartAppVersion;
    draft.set(['core', 'image', 'tag'], version, from);
    if (chart.appVersion !== undefined) return;
    const message = `${draft.nameOf(from)} is not set; ${version} is what the published chart takes then`;
    draft.tell('assumed', from, message, 'say which image runs, with --image');
  }
}

function setImage(draft: Draft, image: string, from: Path): void {
  for (const [part, value] of Object.entries(splitImage(image)))
    if (value !== '') draft.set(['core', 'image', part], value, from);
}

/** A chart that was changed, or was told other names, has other objects. */
function tellDeployments(draft: Draft, { deployments = [] }: ChartFacts): void {
  const { release } = draft.aim;
  if (deployments.length === 0 || deployments.includes(`${release}-gateway`)) return;
  const message = `the Deployments of this release are called ${deployments.join(', ')}, and the resource calls them after the release, ${release}-gateway`;
  const hint = 'they cannot be taken over in place: deploy beside them, and remove the old ones after that';
  draft.tell('no-counterpart', [], message, hint);
}

function moveTopology(draft: Draft, { topology }: JsonObject): void {
  const isKnown = topology === 'shared' || topology === 'dedicated';
  if (isKnown) draft.set(['core', 'topology'], topology, ['topology']);
  else if (topology !== undefined && topology !== '')
    draft.tell(
      'read-as',
      ['topology'],
      'the topology is none that is known, and the chart does nothing with it',
      'use shared or dedicated',
    );
}

/** The chart has one name for every release, and pods keep running where it stays. */
function moveAccount(draft: Draft, complete: JsonObject): void {
  const from = ['gateway', 'serviceAccount', 'name'];
  const name = dig(complete, from);
  if (name !== undefined && name !== null && name !== '') draft.set(from, name, from);
  else if (draft.get(['gateway', 'serviceAccount', 'create']) === false) draft.set(from, 'default', from);
}

function moveGpu(draft: Draft, complete: JsonObject): void {
  const from = ['worker', 'gpu'];
  const gpu = dig(complete, from);
  if (!isObject(gpu)) draft.set([...from, 'enabled'], false, from);
  else {
    draft.set([...from, 'nodeSelector'], gpu.nodeSelector || {}, [...from, 'nodeSelector']);
    draft.set([...from, 'tolerations'], gpu.tolerations || [], [...from, 'tolerations']);
  }
}

/** The chart's PostgreSQL is Bitnami's. A DSN that is given wins over it. */
function moveDatabase(draft: Draft, secrets: readonly FoundSecret[]): void {
  const from = ['postgresql', 'enabled'];
  if (draft.get(from) !== true) return;
  draft.set(['postgresql', 'provider'], 'bitnami', from);
  const dsn = secrets.find(({ key }) => key === 'database-dsn');
  if (dsn === undefined) return;
  draft.set(from, false, from);
  const message = `the DSN in ${draft.nameOf(dsn.from)} wins over the chart's own PostgreSQL, which no pod uses`;
  draft.tell(
    'no-counterpart',
    from,
    message,
    "the database stays as it is, in nobody's hands; to use it, leave the DSN out",
  );
}
