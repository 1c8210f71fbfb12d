/** Each monitor finds the pods or the Service that have the port which it names. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { find, objectsOf } from './samples.ts';

interface Monitor {
  selector: { matchLabels: { [label: string]: string } };
  endpoints?: { port: string }[];
  podMetricsEndpoints?: { port: string }[];
}

const selects = ({ selector }: Monitor, labels: JsonObject) =>
  Object.entries(selector.matchLabels).every(([label, value]) => labels[label] === value);

it('monitors select one Service each, or workers, and a port that is there', () => {
  const objects = objectsOf({
    monitoring: { enabled: true, interval: '1m', labels: { release: 'prometheus' } },
  });
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const specOf = ({ spec }: KubernetesObject) => spec as unknown as Monitor;
  assert.equal(ofKind('ServiceMonitor').length, 2);
  for (const monitor of ofKind('ServiceMonitor')) {
    const found = ofKind('Service').filter(({ metadata }) =>
      selects(specOf(monitor), metadata.labels as JsonObject),
    );
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      [monitor.metadata.name],
    );
    const { ports } = (found[0] as KubernetesObject).spec as unknown as { ports: { name: string }[] };
    for (const { port } of specOf(monitor).endpoints ?? [])
      assert.ok(ports.some(({ name }) => name === port));
    assert.equal((monitor.metadata.labels as JsonObject).release, 'prometheus');
  }
  const [podMonitor] = ofKind('PodMonitor') as [KubernetesObject];
  const { data } = find(objects, 'ConfigMap', 'tavern-worker-job-template');
  const [job] = parseYaml(String((data as JsonObject)['job-template.yaml'])) as unknown as [
    {
      spec: {
        template: { metadata: { labels: JsonObject }; spec: { containers: { ports: { name: string }[] }[] } };
      };
    },
  ];
  assert.ok(selects(specOf(podMonitor), job.spec.template.metadata.labels));
  const names = job.spec.template.spec.containers[0]?.ports.map(({ name }) => name);
  assert.deepEqual(
    specOf(podMonitor).podMetricsEndpoints?.map(({ port }) => names?.includes(port)),
    [true],
  );
});
