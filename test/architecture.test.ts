import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The rooms of generator/, and the rooms that each may import from. */
const rooms: { [room: string]: readonly string[] } = {
  model: [],
  config: ['model'],
  objects: ['model', 'config'],
  function: ['model', 'config', 'objects'],
  graph: ['model', 'config', 'objects'],
  programs: ['model'],
  tree: ['model', 'config', 'objects', 'programs'],
  secrets: ['model', 'config', 'objects', 'tree'],
  lifecycle: ['model', 'config', 'objects', 'programs', 'tree'],
  editor: ['model', 'config', 'objects', 'graph', 'tree', 'secrets'],
  moving: ['model', 'config', 'objects', 'tree', 'secrets'],
  publish: ['model', 'config', 'objects', 'programs', 'tree', 'secrets'],
  terminal: ['model', 'config', 'editor'],
  web: ['model', 'config', 'objects', 'graph', 'editor'],
  mcp: ['model', 'config', 'objects', 'graph', 'tree', 'lifecycle', 'editor'],
  cli: [
    'model',
    'config',
    'objects',
    'function',
    'graph',
    'programs',
    'tree',
    'secrets',
    'lifecycle',
    'editor',
    'moving',
    'publish',
    'terminal',
    'web',
    'mcp',
  ],
  bin: ['function', 'cli'],
};

/** The rooms of generator/lifecycle/, each of which imports only from those before it, and a verb from no other. */
const lifecycle = ['api', 'session', 'state', 'rights', 'changes', 'rollout', 'checks', 'verbs'];

/** Every import of a source file, of types alone too: where it leads to. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\b[^;'"]*?from '([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...statements].map(([, fixed, lazy]) => fixed ?? lazy ?? '');
}

const sources = walk('generator').filter((file) => /\.tsx?$/.test(file));

function walk(folder: string): string[] {
  const names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
  return names.map((name) => path.join(folder, name));
}

describe('the rooms of generator/', () => {
  it('are all on the map', () => {
    const found = new Set(
      sources.map((file) => file.split(path.sep)[1]).filter((name) => !name?.endsWith('.ts')),
    );
    for (const room of found)
      assert.ok(rooms[room ?? ''] !== undefined, `generator/${room} is not on the map`);
  });

  it('import one way only', () => {
    const wrong = sources.flatMap((file) => {
      const room = file.split(path.sep)[1] ?? '';
      return importsOf(file).flatMap((target) => {
        if (!target.startsWith('.') || target.endsWith('/package.json')) return [];
        const other =
          path
            .relative(path.join(root, 'generator'), path.resolve(root, path.dirname(file), target))
            .split(path.sep)[0] ?? '';
        const fine =
          room.endsWith('.ts') || other === room || other.endsWith('.ts') || rooms[room]?.includes(other);
        return fine ? [] : [`${file} imports ${target}`];
      });
    });
    assert.deepEqual(wrong, []);
  });

  it('of lifecycle/ import from lower ones only', () => {
    const place = (file: string): [number, string] => {
      const [room = '', verb = ''] = path.relative('generator/lifecycle', file).split(path.sep);
      return [lifecycle.indexOf(room), room === 'verbs' ? verb : ''];
    };
    const inside = sources.filter((file) => file.startsWith(path.join('generator', 'lifecycle')));
    const wrong = inside.flatMap((file) => {
      const [room, verb] = place(file);
      return importsOf(file).flatMap((target) => {
        const other = path.join(path.dirname(file), target);
        if (!target.startsWith('.') || !other.startsWith(path.join('generator', 'lifecycle'))) return [];
        const [lower, otherVerb] = place(other);
        const fine = lower >= 0 && (lower < room || (lower === room && verb === otherVerb));
        return fine ? [] : [`${file} imports ${target}`];
      });
    });
    assert.ok(inside.length > 50);
    assert.deepEqual(wrong, []);
  });

  it('have no file that nothing imports, such as a command or rules that are not registered', () => {
    const begin = ['index.ts', 'bin/function.ts', 'bin/single-file.ts', 'web/client/app.tsx'];
    const reached = new Set([
      ...begin.map((file) => path.join('generator', file)),
      ...sources.flatMap((file) => importsOf(file).map((target) => path.join(path.dirname(file), target))),
    ]);
    assert.deepEqual(
      sources.filter((file) => !reached.has(file)),
      [],
    );
  });

  it('have no circles', () => {
    const reached = new Map(
      sources.map((file) => [
        file,
        importsOf(file).flatMap((target) =>
          target.startsWith('.') ? [path.join(path.dirname(file), target)] : [],
        ),
      ]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const walkFrom = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' > '));
      if (done.has(file) || way.includes(file)) return;
      for (const next of reached.get(file) ?? []) walkFrom(next, [...way, file]);
      done.add(file);
    };
    for (const file of sources) walkFrom(file, []);
    assert.deepEqual(circles, []);
  });

  it('have no default exports and export no whole modules', () => {
    const wrong = sources.filter((file) =>
      /^export (?:default|\*)/m.test(readFileSync(path.join(root, file), 'utf8')),
    );
    assert.deepEqual(wrong, []);
  });

  it('read no clock and draw no random number on the way to the objects', () => {
    const pure = sources.filter((file) => /^generator.(?:model|config|objects)\b/.test(file));
    const wrong = pure.filter((file) =>
      /\bDate\.now\(|new Date\(\)|Math\.random\(|toLocale|localeCompare|Intl\./.test(
        readFileSync(path.join(root, file), 'utf8'),
      ),
    );
    assert.deepEqual(wrong, []);
  });
});

describe('command lines that messages name', () => {
  /** The headers of files that are written: their readers are in no state. */
  const isHeader =
    /starter-texts|tree.sums|tree.changes|tree.init\.|tree.infrastructure|object-files|\bThen: |Example:/;
  const line = /(?:"|: |run )(?:chmod|glyphoxa-kustomize|helm|kubectl|kustomize(?= build| edit)|npm) [-a-z$]/;

  it('are written in one place, which every state that names one is known to', () => {
    const wrong = sources.flatMap((file) =>
      readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .map((text, index) => `${file}:${index + 1}: ${text.trim()}`)
        .filter((text) => line.test(text.replace(/^\S+ /, ' ')) && !/: (?:\*|\/\/|\/\*)/.test(text))
        .filter((text) => !isHeader.test(text)),
    );
    assert.deepEqual(wrong, []);
  });
});

describe('tests', () => {
  /** Where words are what is made or asked for, and why. */
  const words: { readonly [place: string]: string } = {
    'test/cli/print/': 'what a screen shows',
    'test/config/dsn.test.ts': 'what the program says of a DSN, told apart',
    'test/docs.test.ts': 'what pages say',
    'test/lifecycle/hints/': 'which of the commands of a hint is followed',
    'test/mcp/': 'what a person is asked, and what the conformance suite says',
    'test/objects/pod-check.cluster.test.ts': 'where a check of pods is stricter than the API server',
    'test/terminal/': 'what a screen shows',
    'test/web/': 'what a page shows',
  };
  const literal =
    /(?<=[(,[:=?|&!>]\s*)\/(?![/*])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/[a-z]*(?=\s*[),.;\]])/g;
  /** Three words of a sentence; a command line and a comment of a file are none. */
  const sentence = /(?<![\w"'.#/-] ?)(?!docker |glyphoxa|helm |kubectl |npm )[a-z]+ [a-z]+ [a-z]+(?![\w-])/;

  it('hold codes, names and structure, and sentences only where those are the product', () => {
    const files = walk('test').filter(
      (file) => file.endsWith('.ts') && !file.endsWith('architecture.test.ts'),
    );
    const found = files.flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      const expressions = [...text.matchAll(literal)].map(([, source = '']) => source);
      const plain = (source: string) => source.replaceAll(/\\[bBdDnsSwW]/g, '*');
      return expressions
        .filter((source) => sentence.test(plain(source)))
        .map((source) => `${file}: ${source}`);
    });
    const places = Object.keys(words);
    assert.deepEqual(
      found.filter((each) => !places.some((place) => each.startsWith(place))),
      [],
    );
    const idle = places.filter((place) => !found.some((each) => each.startsWith(place)));
    assert.deepEqual(idle, [], 'a place that needs no exception any more');
  });
});

describe("the function's bundle", () => {
  const bundle = readFileSync(path.join(root, 'dist/function-main.cjs'), 'utf8');

  it('needs nothing but Node', () => {
    const needed = [...bundle.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name ?? '');
    assert.ok(needed.length > 0);
    const apart = ['./function-pod-patch.cjs', './function-yaml.cjs'];
    assert.deepEqual(
      needed.filter((name) => !isBuiltin(name) && !apart.includes(name)),
      [],
    );
    assert.deepEqual(
      needed.filter((name) => /child_process|crypto|http|tls|worker/.test(name)),
      [],
    );
  });

  it('holds neither the command nor the schema builder nor a Kubernetes client', () => {
    for (const trace of ['commander', 'typebox', '~kind', 'execa', 'kubeconfig', 'clack', 'block-map']) {
      assert.ok(!bundle.includes(trace), `it holds ${trace}`);
    }
  });

  it('is small', () => {
    assert.ok(bundle.length < 250_000, `${bundle.length} bytes`);
  });
});
