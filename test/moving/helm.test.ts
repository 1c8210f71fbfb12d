/** What an import of Helm's values makes is what helm renders, but for the documented improvements. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { hasCode } from '../../generator/model/finding.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { chartDefaults } from '../../generator/moving/chart.ts';
import { Chance } from '../support/chance.ts';
import { makeFolder } from '../support/folder.ts';
import { chartValues, writeGlyphoxaChart } from '../support/glyphoxa-chart.ts';
import { requireTool } from '../support/tools.ts';
import { differencesOf, type Handed, imported, rendered, unexplained } from './helm-objects.ts';
import { improvements } from './improvements.ts';
import { randomValues } from './random-values.ts';

const runs = Number(process.env.GLYPHOXA_IMPORT_RUNS ?? 25);

/** Values in which every improvement shows. */
const telling: Handed = {
  files: [
    {
      worker: {
        resourceProfile: 'local-llm',
        tolerations: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }],
      },
      gateway: { ports: { admin: 9443 }, adminKey: 'kAdmin' },
      vault: { enabled: true, addr: 'https://vault.example.com' },
      secrets: { elevenlabsApiKey: 'kEleven', openaiApiKey: 'kOpen' },
      autoscaling: { enabled: true },
      database: { dsn: 'postgres://u:kPlain@db/x' },
    },
    { config: { data: { providers: { stt: { name: 'deepgram', api_key: 'kDeep' } } } } },
  ],
  set: ['networkPolicy.enabled=true'],
  setString: [],
};

it("the chart's values are those that are known", () => {
  assert.deepEqual(parseYaml(chartValues)[0], chartDefaults);
});

describe('the objects are those of helm, better only as documented,', () => {
  const folder = makeFolder();
  const chart = writeGlyphoxaChart(folder);
  const used = new Set<string>();
  const place = (name: string) => {
    const made = path.join(folder, name);
    mkdirSync(made);
    return made;
  };

  for (const helm of ['helm-3', 'helm-4'] as const)
    it(`for random values, with ${helm}`, async (t) => {
      const tool = requireTool(t, helm);
      if (tool === undefined) return;
      let refused = 0;
      for (let seed = 0; seed < runs; seed += 1) {
        const handed = seed === 0 ? telling : randomValues(new Chance(seed + (helm === 'helm-3' ? 0 : 1000)));
        const at = place(`${helm}-${seed}`);
        let ours: Awaited<ReturnType<typeof imported>>;
        try {
          ours = await imported(at, handed);
        } catch (error) {
          refused += 1;
          // the API server refuses what helm renders of it
          if (hasCode(error, 'requests-above-limits')) continue;
          assert.ok(hasCode(error, 'wrong-assignment'), String(error));
          await assert.rejects(rendered(tool, chart, at, handed), /helm: /);
          continue;
        }
        const left = unexplained(differencesOf(await rendered(tool, chart, at, handed), ours), used);
        assert.deepEqual(left, [], `seed ${seed}: ${JSON.stringify(handed, null, 1)}`);
      }
      assert.ok(refused < runs / 4, `${refused} of ${runs} were refused`);
      const idle = improvements.filter(({ name }) => !used.has(name)).map(({ name }) => name);
      assert.deepEqual(idle, [], 'improvements that show nowhere');
    });
});
