/** The traffic of a deployment as a Mermaid flowchart, which GitHub, GitLab and many wikis draw. */
import { printable } from '../model/characters.ts';
import { bundled, everyWorkload } from './bundle.ts';
import type { Party, Traffic } from './party.ts';
import { portWords } from './ports.ts';

/** Writes the chart. The same traffic gives the same text on every machine. */
export function mermaid(traffic: Traffic): string {
  const { release, namespace, topology, environment, hasPolicies, parties } = traffic;
  const ids = new Map(parties.map(({ id }, index) => [id, `n${index}`]));
  ids.set(everyWorkload, everyWorkload);
  const node = (party: Party) => {
    const [open, close] = shapes[party.kind] ?? ['(', ')'];
    return `${ids.get(party.id)}${open}"${labelOf(party)}"${close}`;
  };
  const inside = parties.filter(({ isInside }) => isInside);
  const title = `${release}, ${topology} topology, ${environment}; namespace ${namespace}`;
  const note = hasPolicies ? '' : '; no NetworkPolicies, so nothing is shut';
  return [
    'flowchart LR',
    `  subgraph ${everyWorkload}["${escaped(title + note)}"]`,
    ...inside.map((party) => `    ${node(party)}`),
    '  end',
    ...parties.filter(({ isInside }) => !isInside).map((party) => `  ${node(party)}`),
    ...bundled(traffic).map(
      ({ from, to, ports }) => `  ${ids.get(from)} -->|"${escaped(portWords(ports))}"| ${ids.get(to)}`,
    ),
    '',
  ].join('\n');
}

const shapes: { readonly [kind in Party['kind']]?: readonly [open: string, close: string] } = {
  gateway: ['[', ']'],
  worker: ['[', ']'],
  'mcp-gateway': ['[', ']'],
  database: ['[(', ')]'],
  client: ['([', '])'],
};

function labelOf({ name, details, replicas }: Party): string {
  const { min, max } = replicas ?? {};
  const count = min === undefined ? '' : ` ×${min === max ? min : `${min}–${max}`}`;
  return [`<b>${escaped(name + count)}</b>`, ...details.map(escaped)].join('<br>');
}

/**
 * Text that Mermaid takes for nothing but text: its own entities for all that could be syntax or HTML, and a backslash before
 * what Markdown, which it reads behind them, takes for emphasis.
 */
function escaped(text: string): string {
  return printable(text).replace(/[^\p{L}\p{N} .,:/×–-]/gu, (character) => {
    const entity = `#${character.codePointAt(0)};`;
    return /[*_\\`]/.test(character) ? `#92;${entity}` : entity;
  });
}
