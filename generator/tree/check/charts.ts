/** What goes wrong with charts in a build, in words of our own. */
import { type Finding, finding } from '../../model/finding.ts';
import { isObject, type JsonObject } from '../../model/json.ts';
import type { Layer } from './layers.ts';

/** The charts that the layers of a build ask for. */
export function chartsOf(layers: readonly Layer[]): JsonObject[] {
  return layers.flatMap(({ value }) =>
    Array.isArray(value.helmCharts) ? value.helmCharts.filter(isObject) : [],
  );
}

interface Cause {
  readonly code: string;
  readonly said: RegExp;
  readonly message: (charts: string, match: RegExpExecArray) => string;
  readonly hint: string;
}

const fetchHint = 'see which versions its repository has, and set';

/** What helm and kustomize say, and what it means; the first that fits counts. */
const causes: readonly Cause[] = [
  {
    code: 'no-helm',
    said: /is '([^']*)' installed\?\): exec: |executable file not found/,
    message: () => 'charts need helm, and there is none on the PATH',
    hint: 'install helm 3, or helm 4 beside kustomize 5.8.1 or later',
  },
  {
    code: 'chart-pair',
    said: /unknown shorthand flag: 'c' in -c/,
    message: () => 'this kustomize is too old for helm 4',
    hint: 'use kustomize 5.8.1 or later, or helm 3',
  },
  {
    code: 'chart-pair',
    said: /looks like "oci:\/\/[^"]*" is not a valid chart repository|json: unknown field "(?:skipTests|helmCharts)/,
    message: () => 'this kustomize is too old for these charts',
    hint: 'use kustomize 5.2 or later for OCI registries',
  },
  {
    code: 'chart-version',
    said: /chart "([^"]+)" (?:version|matching) "?([^" ]+)"? not found in (\S+)/,
    message: (_, [, name, version, place]) => `${place} has no chart ${name} of version ${version}`,
    hint: `${fetchHint} the chart's version in glyphoxa.yaml`,
  },
  {
    code: 'chart-version',
    said: /([\w.:-]+\/\S+?):([\w.+-]+): not found/,
    message: (_, [, name, version]) => `the registry has no chart ${name} of version ${version}`,
    hint: `${fetchHint} the chart's version or repository in glyphoxa.yaml`,
  },
  {
    code: 'chart-unreachable',
    said: /(?:Get|Head) "([^"]+)": ([^\n]*)|failed to do request: ([^\n]*)/,
    message: (charts, [, address, why, other]) =>
      address === undefined
        ? `the repository of ${charts} cannot be reached: ${other}`
        : `${address} cannot be reached: ${why}`,
    hint: 'check the network and any proxy, or set the repository of the chart in glyphoxa.yaml to one that answers',
  },
  {
    code: 'chart-unreachable',
    said: /looks like "([^"]+)" is not a valid chart repository/,
    message: (_, [, address]) => `${address} is no chart repository`,
    hint: 'set the repository of the chart in glyphoxa.yaml to one that answers',
  },
  {
    code: 'chart-values',
    said: /values don't meet the specifications of the schema/,
    message: (charts) => `${charts} does not take the values that it is given`,
    hint: 'use the version of the chart that glyphoxa.yaml has by default, or see the documentation of yours',
  },
];

/**
 * Why a build with charts failed; undefined where charts have nothing to do with it.
 *
 * @param said what the build wrote to standard error
 */
export function chartFailure(charts: readonly JsonObject[], said: string): Finding | undefined {
  if (charts.length === 0) return undefined;
  const names = charts.map(({ name }) => String(name)).join(', ');
  // kustomize quotes what helm said, once for each component around it.
  const plain = said.replace(/\\+n/g, '\n').replace(/\\+"/g, '"');
  for (const { code, said: pattern, message, hint } of causes) {
    const match = pattern.exec(plain);
    if (match !== null) return finding(code, message(names, match), hint);
  }
  return undefined;
}
