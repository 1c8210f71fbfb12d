import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fault, faultText } from '../../generator/model/finding.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import { formatPath } from '../../generator/model/json.ts';
import * as values from '../../generator/model/kubernetes-values.ts';

const sha256 = `sha256:${'0123456789abcdef'.repeat(4)}`;

const textOf = (fault: Fault | undefined) => (fault === undefined ? 'nothing' : faultText(fault));

/** Texts that a check takes, and those it refuses with a part of what it says. */
const scalars: {
  check: (text: string) => Fault | undefined;
  pattern?: string;
  takes: string[];
  refuses: [text: string, says: RegExp][];
}[] = [
  {
    check: values.checkQuantity,
    pattern: values.quantityPattern,
    takes: [
      '0',
      '1',
      '500m',
      '1.5',
      '.5',
      '5.',
      '1.5Gi',
      '-1',
      '+2',
      '100n',
      '1u',
      '1e3',
      '12E6',
      '1E',
      '1Ei',
      '1e-3',
    ],
    refuses: [
      ['', /^"" .*\b500m, 1 or 2Gi$/],
      ['1.5.Gi', /"1.5.Gi" .*quantity/],
      ['Gi', /quantity/],
      ['-', /quantity/],
      [' 1', /quantity/],
      ['1 Gi', /quantity/],
      ['1gi', /quantity/],
      ['1GB', /quantity/],
      ['1KI', /quantity/],
      ['1K', /quantity/],
      ['1e', /quantity/],
      ['1_000', /quantity/],
      ['1,5', /quantity/],
      ['0x10', /quantity/],
    ],
  },
  {
    check: values.checkDnsLabel,
    pattern: values.dnsLabelPattern,
    takes: ['a', '0', 'a-b', 'a--b', 'x'.repeat(63)],
    refuses: [
      ['', /^[^"]+; /],
      ['A', /"A" .*DNS label/],
      ['a.b', /DNS label/],
      ['a_b', /DNS label/],
      ['-a', /DNS label/],
      ['a-', /DNS label/],
      ['a\n', /DNS label/],
      ['x'.repeat(64), /\b64 .*\b63\b/],
    ],
  },
  {
    check: values.checkDnsSubdomain,
    pattern: values.dnsSubdomainPattern,
    takes: ['a', 'a.b', '1.2', `${'x'.repeat(100)}.b`, `${'x'.repeat(251)}.b`],
    refuses: [
      ['', /^[^"]+; /],
      ['a..b', /DNS name/],
      ['.a', /DNS name/],
      ['a.', /DNS name/],
      ['a.-b', /DNS name/],
      ['A.b', /DNS name/],
      [`${'x'.repeat(252)}.b`, /\b254 .*\b253\b/],
    ],
  },
  {
    check: values.checkQualifiedName,
    pattern: values.labelKeyPattern,
    takes: ['a', 'A_b.c', 'example.com/a', `${'x'.repeat(253)}/${'y'.repeat(63)}`],
    refuses: [
      ['', /^[^"]+; /],
      ['/a', /before the "\/": .*empty/],
      ['a/', /name .*"\/"/],
      ['a/b/c', /more .*"\/"/],
      ['Example.com/a', /before the "\/": "Example\.com"/],
      ['a b', /label name/],
      ['-a', /label name/],
      ['x'.repeat(64), /\b63\b/],
      [`${'x'.repeat(254)}/a`, /\b253\b/],
    ],
  },
  {
    check: values.checkAnnotationKey,
    takes: ['Example.COM/a', 'a'],
    refuses: [['a b', /label name/]],
  },
  {
    check: values.checkLabelValue,
    pattern: values.labelValuePattern,
    takes: ['', 'a', 'A.b_c-d', '1', 'x'.repeat(63)],
    refuses: [
      ['-', /label value/],
      ['a b', /label value/],
      ['a/b', /label value/],
      ['ü', /label value/],
      ['x'.repeat(64), /\b63\b/],
    ],
  },
  {
    check: values.checkPortName,
    pattern: values.portNamePattern,
    takes: ['http', 'a', '0a', 'a-1', 'abcdefghijklmno'],
    refuses: [
      ['', /^[^"]+; /],
      ['80', /port name/],
      ['a--b', /port name/],
      ['-a', /port name/],
      ['HTTP', /port name/],
      ['abcdefghijklmnop', /\b15\b/],
    ],
  },
  {
    check: values.checkEnvName,
    pattern: values.envNamePattern,
    takes: ['A', '_a', 'a.b', 'a-b', '.a', 'A1'],
    refuses: [
      ['', /^[^"]+; /],
      ['1A', /variable name/],
      ['A=B', /variable name/],
      ['A B', /variable name/],
      ['.', /variable name/],
      ['..', /variable name/],
      ['..a', /variable name/],
    ],
  },
  {
    check: values.checkImageRepository,
    pattern: values.imageRepositoryPattern,
    takes: [
      'a',
      'a/b',
      'ghcr.io/a/b',
      'Registry.example.com/a',
      'localhost:5000/a',
      '[::1]:5000/a',
      'a__b',
      'a--b',
    ],
    refuses: [
      ['', /^[^"]+; /],
      ['a/B', /lower case/],
      ['a b', /image repository/],
      [' a', /spaces/],
      ['https://a/b', /is a URL/],
      ['a:1', /\btag\b/],
      ['localhost:5000/a:1', /\btag\b/],
      [`a@${sha256}`, /digest/],
      ['u:p@h/a', /"@" .*digest/],
      ['a/', /image repository/],
      ['a//b', /image repository/],
      ['a___b', /image repository/],
      ['x'.repeat(256), /\b255\b/],
    ],
  },
  {
    check: values.checkImageTag,
    pattern: values.imageTagPattern,
    takes: ['1', 'latest', '_a', '1.2.3-rc.1', 'x'.repeat(128)],
    refuses: [
      ['', /^[^"]+; /],
      ['.a', /image tag/],
      ['-a', /image tag/],
      ['1+2', /image tag/],
      ['x'.repeat(129), /image tag/],
    ],
  },
  {
    check: values.checkImageDigest,
    pattern: values.imageDigestPattern,
    takes: [sha256, `sha512:${'0'.repeat(128)}`],
    refuses: [
      ['', /^[^"]+; /],
      ['sha256:0', /image digest/],
      [sha256.toUpperCase(), /image digest/],
      [sha256.slice(7), /image digest/],
      [`@${sha256}`, /image digest/],
    ],
  },
  {
    check: values.checkImage,
    takes: ['a', 'a:1', `a@${sha256}`, `localhost:5000/a/b:1@${sha256}`],
    refuses: [
      ['', /^[^"]+; /],
      ['a:', /^[^"]+; /],
      ['a:1:2', /\btag\b/],
      ['a@', /^[^"]+; /],
      ['a@sha256:0', /image digest/],
      ['A:1', /lower case/],
    ],
  },
];

for (const { check, pattern, takes, refuses } of scalars) {
  test(`${check.name} takes what Kubernetes takes, and says what is wrong with the rest`, () => {
    for (const text of takes) assert.equal(check(text), undefined, text);
    for (const [text, says] of refuses) assert.match(textOf(check(text)), says, text);
    for (const [text] of refuses) assert.doesNotMatch(textOf(check(text)), /^[A-Z]|\.$/, text);
  });
  if (pattern !== undefined) {
    test(`the pattern for JSON Schema says the same as ${check.name}`, () => {
      for (const flags of ['', 'u', 'v']) {
        const expression = new RegExp(pattern, flags);
        for (const text of takes) assert.ok(expression.test(text), text);
        for (const [text] of refuses) assert.ok(!expression.test(text), text);
      }
    });
  }
}

test('quantities that do not fit into 63 bits are refused, since the API server stores other numbers', () => {
  for (const text of ['8Ei', '9223372036854775808', '10E', '1e19', '10000E', '1e999']) {
    assert.match(textOf(values.checkQuantity(text)), /quantity/, text);
    assert.equal(values.canonicalQuantity(text), text);
  }
  assert.equal(values.checkQuantity('9223372036854775807'), undefined);
});

test('quantities may be numbers', () => {
  for (const number of [0, 1, 0.5, 1e21 / 1e10, 1e-7]) assert.equal(values.checkQuantity(number), undefined);
  assert.match(textOf(values.checkQuantity(Number.NaN)), /quantity/);
  assert.equal(values.canonicalQuantity(0.1), '100m');
});

test('quantities get the text that the API server gives them', () => {
  const table: [string | number, string, inResources?: string][] = [
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.1Gi', '107374182400m'],
    ['0.5Ki', '512'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['1.0', '1'],
    ['1.100', '1.100'],
    ['1e3', '1e3'],
    ['1000e3', '1e6'],
    ['12E6', '12E6'],
    ['100n', '100n', '1m'],
    ['1u', '1u', '1m'],
    ['0.0000000001', '1n', '1m'],
    ['1.0000001', '1000000100n', '1001m'],
    ['00', '0'],
    ['0Gi', '0'],
    ['-1500m', '-1500m'],
    ['-1000m', '-1'],
    ['+1', '+1'],
    ['7Ei', '7Ei'],
    [1000, '1k'],
    [250, '250'],
    ['not a quantity', 'not a quantity'],
  ];
  for (const [text, canonical, inResources = canonical] of table) {
    assert.equal(values.canonicalQuantity(text), canonical, String(text));
    assert.equal(values.canonicalResourceQuantity(text), inResources, String(text));
    assert.equal(values.canonicalQuantity(canonical), canonical, `${canonical} again`);
  }
});

test('quantities are compared by value', () => {
  assert.equal(values.compareQuantities('1', '1000m'), 0);
  assert.equal(values.compareQuantities('1Ki', '1k'), 1);
  assert.equal(values.compareQuantities('-1', 0), -1);
  assert.equal(values.compareQuantities(0.5, '500m'), 0);
  assert.throws(() => values.compareQuantities('1', 'x'), RangeError);
});

test('ports are whole numbers from 1 to 65535', () => {
  for (const port of [1, 80, 65535]) assert.equal(values.checkPort(port), undefined);
  for (const port of [0, -1, 65536, 1.5, Number.NaN]) assert.match(textOf(values.checkPort(port)), /port/);
});

/** Objects, and all that a check says of them as `path: message`. */
const objects: { check: (value: JsonObject) => values.ValueProblem[]; table: [JsonObject, ...string[]][] }[] =
  [
    {
      check: values.checkToleration,
      table: [
        [{ key: 'a', operator: 'Exists' }],
        [{ operator: 'Exists' }],
        [{ key: 'a', value: 'b' }],
        [{ key: 'a', operator: 'Equal', value: '', effect: '' }],
        [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 }],
        [{}, 'operator: there is no key to compare; use Exists, or add key'],
        [{ operator: 'Equal', value: 'a' }, 'operator: there is no key to compare; use Exists, or add key'],
        [{ key: 'a', operator: 'Gt', value: '1' }, 'operator: "Gt" is not an operator; use Equal or Exists'],
        [{ key: 'a', operator: 'exists' }, 'operator: "exists" is not an operator; use Equal or Exists'],
        [
          { key: 'a', operator: 'Exists', value: 'b' },
          'value: the operator Exists takes no value; remove the line',
        ],
        [
          { key: 'a b', operator: 'Exists' },
          'key: "a b" is not a label name; use letters, digits, "-", "_" and ".", a letter or digit at both ends',
        ],
        [
          { key: 'a', value: '-' },
          'value: "-" is not a label value; use letters, digits, "-", "_" and ".", a letter or digit at both ends',
        ],
        [
          { key: 'a', effect: 'NoRun' },
          'effect: "NoRun" is not an effect; use NoSchedule, PreferNoSchedule, NoExecute or none',
        ],
        [
          { key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 },
          'tolerationSeconds: this acts only with effect NoExecute; set effect: NoExecute, or remove the line',
        ],
      ],
    },
    {
      check: values.checkResourceRequirements,
      table: [
        [{}],
        [{ requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: 1, memory: '512Mi' } }],
        [{ requests: { cpu: '1000m' }, limits: { cpu: '1' } }],
        [{ requests: { cpu: 0.5 } }],
        [{ limits: { 'nvidia.com/gpu': 1 } }],
        [{ limits: { 'nvidia.com/gpu': 1 }, requests: { 'nvidia.com/gpu': '1000m' } }],
        [{ limits: { 'hugepages-2Mi': '4Mi', cpu: 1 } }],
        [{ requests: { 'a.kubernetes.io/b': '0.5' } }],
        [{ requests: { 'ephemeral-storage': '1Gi' } }],
        [
          { requests: { cpu: '1.5.' } },
          'requests.cpu: "1.5." is not a quantity; write it like 500m, 1 or 2Gi',
        ],
        [{ requests: { cpu: -1 } }, 'requests.cpu: -1 is negative; use 0 or more'],
        [
          { requests: { cpu: 2 }, limits: { cpu: '1500m' } },
          'requests.cpu: 2 is more than the limit, 1500m; let the request be at most the limit; set both',
        ],
        [
          { limits: { gpu: 1 } },
          'limits.gpu: "gpu" is not a resource of containers; use cpu, memory, ephemeral-storage, hugepages-<size> or a name with a domain',
        ],
        [
          { limits: { 'nvidia.com/gpu': '1.5' } },
          'limits["nvidia.com/gpu"]: 1.5 is not whole, and nvidia.com/gpu cannot be split; use a whole number',
        ],
        [
          { requests: { 'nvidia.com/gpu': 1 } },
          'requests["nvidia.com/gpu"]: there is no limit, and it cannot be overcommitted; add a limit of the same size',
        ],
        [
          { requests: { 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': 2 } },
          'requests["nvidia.com/gpu"]: 1 is not the limit, 2, and it cannot be overcommitted; let both be the same',
        ],
        [
          { limits: { 'hugepages-2Mi': '3Mi', cpu: 1 } },
          'limits.hugepages-2Mi: 3Mi is not a multiple of the page size 2Mi; ask for whole pages',
        ],
        [
          { limits: { 'hugepages-x': '3Mi', cpu: 1 } },
          'limits.hugepages-x: "x" is not a page size; write it like hugepages-2Mi',
        ],
        [
          { limits: { 'hugepages-0': '3Mi', cpu: 1 } },
          'limits.hugepages-0: "0" is not a page size; write it like hugepages-2Mi',
        ],
        [
          { limits: { 'hugepages-1500m': '3', cpu: 1 } },
          'limits.hugepages-1500m: "1500m" is not a page size; write it like hugepages-2Mi',
        ],
        [{ limits: { 'hugepages-2Mi': '4Mi' } }, ': huge pages stand alone; add cpu or memory beside them'],
      ],
    },
    {
      check: values.checkNodeSelector,
      table: [
        [{ 'kubernetes.io/os': 'linux', a: '' }],
        [
          { 'a b': 'c' },
          '["a b"]: "a b" is not a label name; use letters, digits, "-", "_" and ".", a letter or digit at both ends',
        ],
        [
          { a: 'b c' },
          'a: "b c" is not a label value; use letters, digits, "-", "_" and ".", a letter or digit at both ends',
        ],
      ],
    },
    {
      check: values.checkAnnotations,
      table: [
        [{ 'Example.com/a': 'any text: ü\n' }],
        [{ 'a/b/c': '' }, '["a/b/c"]: "a/b/c" has more than one "/"; write it like name or example.com/name'],
        [
          { a: 'x'.repeat(262_144) },
          ': all keys and values together are 262145 bytes long; use at most 262144',
        ],
      ],
    },
  ];

for (const { check, table } of objects) {
  test(`${check.name} reports each problem at its place`, () => {
    for (const [value, ...expected] of table) {
      const found = check(value).map((fault) => `${formatPath(fault.path)}: ${faultText(fault)}`);
      assert.deepEqual(found, expected, JSON.stringify(value).slice(0, 200));
    }
  });
}

test('checks of objects pass over wrong types, which the schema reports', () => {
  const wrong: JsonObject = { key: 1, operator: [], value: {}, effect: true, tolerationSeconds: 'x' };
  assert.deepEqual(
    values.checkToleration(wrong).map(({ path }) => path),
    [['operator']],
  );
  assert.deepEqual(values.checkResourceRequirements({ requests: [], limits: { cpu: {} } }), []);
  assert.deepEqual(values.checkLabels({ a: 1 }), []);
});
