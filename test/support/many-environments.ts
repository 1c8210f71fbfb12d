/** A resource with many environments: what an editing session is measured with. */
import { layer } from '../tree/folder.ts';

/** The resource, with comments and styles as people write them. */
export const commentedResource = `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata:
  name: glyphoxa # the prefix
spec:
  # how many
  gateway:
    replicaCount: 1   # one is enough
    adminKey: {fromEnv: ADMIN}
  secrets: {provider: kubernetes}
  database:
    dsn:
      fromEnv: DSN
  config:
    providers: {llm: {name: ollama, model: m, base_url: "http://ollama:11434"}}
    npcs:
      - name: Greta
        personality: "a smith" # of few words
`;

/** Its files. Each environment has a namespace and a number of replicas of its own, all else is shared. */
export function manyEnvironments(count: number): { [file: string]: string } {
  const layers = Array.from({ length: count }, (_, index) => [
    `overlays/e${index}/config.yaml`,
    layer(`e${index}`, `spec: {gateway: {replicaCount: ${index}}}\n`),
  ]);
  return { 'glyphoxa.yaml': commentedResource, ...Object.fromEntries(layers) };
}
