import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  advise,
  advised,
  commandLine,
  commandsIn,
  type Lead,
  led,
  wordsOf,
} from '../../generator/model/command.ts';

test('a state ends with its commands or is shown by them', () => {
  for (const [state, does] of Object.entries(advised)) assert.match(does, /^(?:ends|shows)$/, state);
});

test('what is filled in is one word of a shell each', () => {
  const cases: [word: string | readonly string[] | { line: string }, line: string][] = [
    ['a', 'x a y'],
    ['a/b.c:d=e,f@g%h+i-j_k', 'x a/b.c:d=e,f@g%h+i-j_k y'],
    ['', "x '' y"],
    ['a b', "x 'a b' y"],
    ['$HOME', "x '$HOME' y"],
    ["it's", "x 'it'\\''s' y"],
    ['say "hi"', "x $'say \\x22hi\\x22' y"],
    ["it's\n", "x $'it\\'s\\x0a' y"],
    ['a\\b"', "x $'a\\\\b\\x22' y"],
    ['\u0085', "x $'\\xc2\\x85' y"],
    [['a', 'b c'], "x a 'b c' y"],
    [[], 'x y'],
    [{ line: 'a --b' }, 'x a --b y'],
  ];
  for (const [word, line] of cases) assert.equal(commandLine`x ${word} y`, line);
  assert.equal(commandLine`${[]} x  y ${'z'}`, 'x y z');
});

test('command lines are found again in the texts that name them', () => {
  const one = advise('adopt')`glyphoxa-kustomize apply ${'a b'}`;
  const two = advise('no-user')`kubectl get ${'pods'}`;
  assert.equal(one, `"glyphoxa-kustomize apply 'a b'"`);
  const text = `run ${one}, or ${two}; "this one" and "chmod" are none`;
  assert.deepEqual(commandsIn(text), ["glyphoxa-kustomize apply 'a b'", 'kubectl get pods']);
  assert.deepEqual(wordsOf(text).slice(0, 4), ['run', `${one},`, 'or', `${two};`]);
  assert.equal(wordsOf(text).join(' '), text);
});

test('a command line is led to the environment and the cluster of the run', () => {
  const lead: Lead = { dir: 'd', kubeconfig: 'k k', context: 'c', namespace: 'n' };
  const own = '--dir=d';
  const place = "'--kubeconfig=k k' --context=c";
  const cases: [line: string, led: string][] = [
    ['glyphoxa-kustomize apply prod', `glyphoxa-kustomize apply prod ${own} --namespace=n ${place}`],
    ['glyphoxa-kustomize stop prod -n other', `glyphoxa-kustomize stop prod -n other ${own} ${place}`],
    ['glyphoxa-kustomize check prod', 'glyphoxa-kustomize check prod'],
    ['glyphoxa-kustomize check prod --cluster', `glyphoxa-kustomize check prod --cluster ${place}`],
    ['glyphoxa-kustomize seal prod --fetch', `glyphoxa-kustomize seal prod --fetch ${place}`],
    ['kubectl get pods', `kubectl ${place} get pods`],
    ['kubectl get pods --context=other', 'kubectl get pods --context=other'],
    ['helm list --kube-context=other', 'helm list --kube-context=other'],
    ['helm list', "helm list '--kubeconfig=k k' --kube-context=c"],
    ['chmod 600 file', 'chmod 600 file'],
    [
      'kubectl create x | kubectl apply -f - && glyphoxa-kustomize start prod',
      `kubectl ${place} create x | kubectl ${place} apply -f - && glyphoxa-kustomize start prod ${own} --namespace=n ${place}`,
    ],
  ];
  for (const [line, expected] of cases) {
    assert.equal(led(`run "${line}" now`, lead), `run "${expected}" now`);
    assert.equal(led(`run "${line}" now`, {}), `run "${line}" now`);
  }
});

test('leading goes into every text of a value and leaves all else', () => {
  const value = { a: ['"kubectl get pods"', 1, null], b: { c: true, d: undefined, e: 'kubectl get pods' } };
  assert.deepEqual(led(value, { context: 'c' }), {
    a: ['"kubectl --context=c get pods"', 1, null],
    b: { c: true, d: undefined, e: 'kubectl get pods' },
  });
});
