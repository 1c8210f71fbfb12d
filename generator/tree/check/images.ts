/** All three workloads must run the same image, and pods must roll when what they read at start changes. */

import { otherProgram } from '../../config/generation.ts';
import { configFileKey } from '../../config/secret-keys.ts';
import { type Finding, finding } from '../../model/finding.ts';
import { fingerprint } from '../../model/fingerprint.ts';
import { splitImage } from '../../model/image.ts';
import { dig, maps } from '../../model/json.ts';
import { containerOf } from '../../model/workload.ts';
import { setTemplateImage, templateImages } from '../../objects/worker.ts';
import { find, mcpGatewaysOf, nameOf, type Release } from './release.ts';

/** Images of worker and MCP gateway that are not the gateway's. */
export function checkImages(release: Release): Finding[] {
  const { gateway, template } = release;
  const image = containerOf(gateway, 'gateway')?.image;
  const worker = templateImages(template?.text ?? '').find((each) => each !== image);
  const findings: Finding[] = [];
  if (worker !== undefined) {
    findings.push(
      finding(
        'worker-image',
        `workers run ${worker}, and ${nameOf(gateway)} runs ${image}`,
        'set images in the kustomization of the environment, where the replacement for the worker template stands, or copy that replacement beside your images',
      ),
    );
  }
  for (const mcp of mcpGatewaysOf(release)) {
    const other = containerOf(mcp, 'mcp-gateway')?.image;
    if (other === image) continue;
    const hint = 'set the image by images, or by spec.core.image, so that it reaches both';
    findings.push(
      finding('mcp-image', `${nameOf(mcp)} runs ${other}, and ${nameOf(gateway)} runs ${image}`, hint),
    );
  }
  return findings;
}

/** Whether the image is of another program than the one that is deployed. */
export function checkProgram({ gateway }: Release): Finding[] {
  const found = otherProgram(splitImage(String(containerOf(gateway, 'gateway')?.image)));
  if (found === undefined) return [];
  const message = `${nameOf(gateway)}: ${found.message}`;
  return [finding('other-generation', message, found.hint, found.severity)];
}

/** Checksums in pod templates that do not fit the files that they stand for. */
export function checkChecksums(release: Release): Finding[] {
  const { gateway, template } = release;
  const findings: Finding[] = [];
  for (const workload of [gateway, ...mcpGatewaysOf(release)]) {
    const volumes = maps(dig(workload, ['spec', 'template', 'spec', 'volumes']));
    const mounted = dig(
      volumes.find(({ name }) => name === 'config'),
      ['configMap', 'name'],
    );
    const file = dig(find(release, 'ConfigMap', mounted), ['data', configFileKey]);
    if (typeof file === 'string') findings.push(...stale(workload, 'checksum/config', file));
  }
  if (template?.text !== undefined) {
    findings.push(...stale(gateway, 'checksum/job-template', setTemplateImage(template.text)));
  }
  return findings;
}

function stale(workload: Release['gateway'], annotation: string, text: string): Finding[] {
  const stated = dig(workload, ['spec', 'template', 'metadata', 'annotations', annotation]);
  const actual = fingerprint(text);
  if (stated === actual) return [];
  const what = stated === undefined ? 'has no' : 'has a stale';
  const hint = `change the file through glyphoxa.yaml or config.yaml, or set the annotation to ${actual}`;
  const message = `${nameOf(workload)} ${what} ${annotation}: its pods do not roll when the file changes`;
  return [finding('stale-checksum', message, hint)];
}
