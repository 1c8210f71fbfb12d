/**
 * The warm half of the benchmark (`bench-warm.mjs COUNT`): renders so many tenants with the built library and
 * prints milliseconds and peak memory as JSON. Each tenant's objects are counted and let go, as a stream does.
 */
import { generate, hasErrors, loadConfig } from '../dist/index.js';

const count = Number(process.argv[2]);

/** Resources rendered before the clock starts: warm is what is measured. */
const warmUp = 2000;

function* tenants(from, to) {
  for (let index = from; index < to; index += 1) {
    yield {
      apiVersion: 'deploy.glyphoxa.io/v1alpha1',
      kind: 'Glyphoxa',
      metadata: { name: `glyphoxa-t${index}`, namespace: `glyphoxa-tenant-t${index}` },
      spec: {
        core: { topology: 'dedicated', tierScheduling: true },
        gateway: { resources: { requests: { cpu: `${100 + (index % 400)}m` } } },
        config: {
          server: { log_level: 'info' },
          providers: {
            llm: { name: 'openai', model: `model-${index}` },
            stt: { name: 'deepgram' },
            tts: { name: 'elevenlabs' },
          },
          npcs: [
            {
              name: `Character ${index}`,
              personality: 'Speaks softly.\nKnows the woods.\n',
              engine: 'cascaded',
            },
          ],
        },
      },
    };
  }
}

function* rendered(from, to) {
  for (const value of tenants(from, to)) {
    const { config, findings } = loadConfig({ value, findings: [] });
    if (config === undefined || hasErrors(findings)) throw new Error(JSON.stringify(findings));
    yield generate(config, new Map());
  }
}

for (const made of rendered(0, warmUp)) if (made.length === 0) throw new Error('no objects');
let objects = 0;
const start = process.hrtime.bigint();
for (const made of rendered(warmUp, warmUp + count)) objects += made.length;
const ms = Number(process.hrtime.bigint() - start) / 1e6;
if (objects < count * 10) throw new Error(`only ${objects} objects`);
console.log(JSON.stringify({ ms, mib: process.resourceUsage().maxRSS / 1024 }));
