/** The picture: nothing covers anything, everything can be read, and nothing in it is obeyed. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { loadConfig } from '../../generator/config/load.ts';
import { layOut, type Picture } from '../../generator/graph/layout.ts';
import { mermaid } from '../../generator/graph/mermaid.ts';
import { svg } from '../../generator/graph/svg.ts';
import { styleSheet } from '../../generator/graph/svg-style.ts';
import { trafficOf } from '../../generator/graph/traffic.ts';
import { type Box, labelBox } from '../../generator/graph/wires.ts';
import { hasErrors } from '../../generator/model/finding.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import { configOf } from '../objects/samples.ts';
import { requireBrowser } from '../support/browser.ts';
import { arbitraryResource } from '../support/configs.ts';
import { findTool } from '../support/find-tool.ts';
import { folderOf } from '../support/folder.ts';
import { decodePng, difference } from '../support/png.ts';
import { requireTool } from '../support/tools.ts';
import { everything, hostile } from './samples.ts';

const samples: { [name: string]: JsonObject } = {
  default: {},
  everything,
  hostile,
  'one box': {
    core: { topology: 'dedicated' },
    mcpGateway: { enabled: false },
    postgresql: { enabled: true },
  },
};

const trafficFor = (name: string) => trafficOf(configOf(samples[name] ?? {}));

const covers = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** What of a picture covers something else, in words. */
function covered({ cards, wires, width, height }: Picture): string[] {
  const labels = wires.map((wire) => ({ name: `label ${wire.from} > ${wire.to}`, ...labelBox(wire) }));
  const boxes = [
    ...cards.map((one) => ({
      name: `card ${one.party.id}`,
      x: one.x,
      y: one.y - one.stack,
      width: one.width + one.stack,
      height: one.height + one.stack,
    })),
    ...labels,
  ];
  const outside = boxes.filter(
    (box) => box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height,
  );
  const pairs = boxes.flatMap((a, index) =>
    boxes.slice(index + 1).flatMap((b) => (covers(a, b) ? [`${a.name} covers ${b.name}`] : [])),
  );
  return [...pairs, ...outside.map(({ name }) => `${name} is outside`)];
}

describe('the picture of a deployment', () => {
  for (const name of Object.keys(samples))
    it(`of ${name} has nothing that covers something else`, () => {
      assert.deepEqual(covered(layOut(trafficFor(name))), []);
    });

  it('of any deployment has all of its traffic, nothing that covers something else, and the same bytes each time', () => {
    fc.assert(
      fc.property(arbitraryResource(), (resource) => {
        const { config, findings } = loadConfig({ value: resource, findings: [] });
        if (config === undefined || hasErrors(findings)) return;
        const traffic = trafficOf(config);
        const picture = layOut(traffic);
        assert.deepEqual(covered(picture), []);
        assert.equal(picture.cards.length, traffic.parties.length);
        assert.equal(svg(traffic), svg(trafficOf(config)));
      }),
      { numRuns: 25 },
    );
  });

  it('can be read in light and in dark', () => {
    const sheet = styleSheet('x');
    const [light = '', dark = ''] = sheet.split(/@media .*\(prefers-color-scheme:dark\)/);
    for (const scheme of [light, dark]) {
      const color = (selector: string, property: string) =>
        new RegExp(`^\\.x ${selector.replaceAll('.', '\\.')}\\{${property}:(#\\w+)\\}`, 'm').exec(
          scheme,
        )?.[1] ?? '';
      for (const text of ['.ink', '.soft'])
        for (const ground of ['.ground', '.frame', '.card', '.label'])
          assert.ok(contrast(color(text, 'fill'), color(ground, 'fill')) >= 4.5, `${text} on ${ground}`);
      for (const kind of ['gateway', 'database'])
        assert.ok(contrast(color(`.${kind} .count`, 'fill'), color('.card', 'fill')) >= 4.5, kind);
      for (const ground of ['.ground', '.frame'])
        assert.ok(contrast(color('.wire', 'stroke'), color(ground, 'fill')) >= 3, `wire on ${ground}`);
    }
  });
});

/** The contrast of two colours. Source: WCAG 2.2, relative luminance. */
function contrast(a: string, b: string): number {
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [one, other] = [luminance(a), luminance(b)];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

const goldens = fileURLToPath(new URL('golden/', import.meta.url));

/** The share of a picture that may look otherwise: machines draw letters differently. */
const tolerance = 0.01;

describe('in a browser', () => {
  for (const [name, isDark] of [
    ['default', false],
    ['everything', false],
    ['everything', true],
    ['one box', false],
  ] as const) {
    const file = `${name.replaceAll(' ', '-')}${isDark ? '-dark' : ''}.png`;
    it(`the picture of ${name} looks as it did, ${isDark ? 'dark' : 'light'}`, async (t) => {
      const browser = requireBrowser(t);
      if (browser === undefined) return;
      const text = svg(trafficFor(name));
      const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(text) ?? [];
      const page = path.join(folderOf(t, { 'a.svg': text }), 'a.svg');
      const golden = path.join(goldens, file);
      const { image, png } = await browser.picture(page, {
        width: Number(width),
        height: Number(height),
        isDark,
      });
      if (process.env.GLYPHOXA_UPDATE === '1') {
        mkdirSync(goldens, { recursive: true });
        writeFileSync(golden, png);
      }
      assert.ok(existsSync(golden), `there is no ${file}: GLYPHOXA_UPDATE=1 writes it`);
      const share = difference(image, decodePng(readFileSync(golden)));
      assert.ok(share <= tolerance, `${(share * 100).toFixed(1)} % of ${file} look otherwise`);
    });
  }

  it('every text is at most as wide as its place was made for', async (t) => {
    const browser = requireBrowser(t);
    if (browser === undefined) return;
    const text = svg(trafficFor('hostile')).replace(
      '</svg>',
      `<script>for (const e of document.querySelectorAll('text')) e.setAttribute('data-width', e.getComputedTextLength())</script></svg>`,
    );
    const page = path.join(folderOf(t, { 'a.svg': text }), 'a.svg');
    const dom = await browser.documentOf(page);
    const { width, cards, wires } = layOut(trafficFor('hostile'));
    const measured = [...dom.matchAll(/<text [^>]*>/g)].map(([element]) => {
      const value = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(element)?.[1] ?? '';
      const [x, length] = [Number(value('x')), Number(value('data-width'))];
      const share = { middle: 0.5, end: 1 }[value('text-anchor')] ?? 0;
      return {
        element,
        left: x - length * share,
        right: x + length * (1 - share),
        length,
        y: Number(value('y')),
      };
    });
    assert.ok(measured.length > cards.length + wires.length);
    for (const { element, left, right, length, y } of measured) {
      const place = cards.find((one) => covers(one, { x: left, y: y - 1, width: 1, height: 1 }));
      assert.ok(length > 0 && right <= (place === undefined ? width : place.x + place.width), element);
    }
    const labels = [
      ...dom.matchAll(
        /class="label"[^>]* width="([\d.]+)"[^>]*>(?:<\/rect>)?<text[^>]*data-width="([\d.]+)"/g,
      ),
    ];
    assert.equal(labels.length, wires.length);
    for (const [, box, length] of labels) assert.ok(Number(length) + 6 <= Number(box));
  });

  it('names of servers are text, whatever they hold, in the picture and in the chart', async (t) => {
    const browser = requireBrowser(t);
    if (browser === undefined || requireTool(t, 'mermaid') === undefined) return;
    const chart = mermaid(trafficFor('hostile'));
    const page = (id: string, body: string) =>
      `<!doctype html><meta charset="utf-8"><title>ok</title><body><div id="${id}"></div>${body}`;
    const folder = folderOf(t, {
      'picture.html': page('x', svg(trafficFor('hostile'))),
      'mermaid.js': readFileSync(findTool('mermaid') as string),
      'chart.html': page(
        'chart',
        `<script src="mermaid.js"></script><script>
        mermaid.initialize({ startOnLoad: false });
        mermaid.render('drawn', ${JSON.stringify(chart).replaceAll('<', '\\u003c')}).then(
          ({ svg }) => { document.getElementById('chart').innerHTML = svg; },
          (error) => { document.getElementById('chart').textContent = 'FAILED ' + error; },
        );</script>`,
      ),
    });
    const names = ['alert(1)', 'click n0', 'end', 'sehr langer Name', '日本語のサーバー'];
    const picture = await browser.documentOf(path.join(folder, 'picture.html'));
    const drawn = await browser.documentOf(path.join(folder, 'chart.html'));
    assert.doesNotMatch(drawn, />FAILED/);
    assert.match(drawn, /<svg id="drawn"/);
    const [, chartOnly = ''] = /<svg id="drawn"([\s\S]*?)<\/svg>/.exec(drawn) ?? [];
    for (const [where, dom] of [
      ['picture', picture],
      ['chart', chartOnly],
    ] as const) {
      for (const name of names) assert.ok(dom.includes(name), `${where}: ${name}`);
      assert.doesNotMatch(dom, /<script>alert|href="javascript|<b> ?<|<code>|<strong>y/, where);
    }
    const { cards } = layOut(trafficFor('hostile'));
    const nodes = chartOnly.match(/class="node /g) ?? [];
    assert.equal(nodes.length, cards.length);
  });
});
