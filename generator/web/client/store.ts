/** What the page knows, and how it asks for more. */
import { computed, effect, signal } from '@preact/signals';
import type { PageAction, PageAnswer, PageFinding, PageState } from '../state.ts';

/** The state of the session; undefined until it was read. */
export const state = signal<PageState | undefined>(undefined);

/** The place that is shown: an environment, or '' for the resource. It stands in the address, so that a link leads to it. */
export const place = signal(fromAddress('env'));

/** The section of the form that is open. */
export const section = signal(fromAddress('section'));

/** What is searched for; with a text all sections are searched. */
export const search = signal('');

/** Whether only what is set in this place is shown. */
export const onlySet = signal(false);

/** What the last action did, or why it was refused. */
export const notice = signal<
  { readonly text: string; readonly refused?: readonly PageFinding[] } | undefined
>(undefined);

/** Whether the program behind the page is gone. */
export const isGone = signal(false);

/** Whether an action is under way. */
export const isBusy = signal(false);

/** The number of errors and warnings of each section. */
export const counts = computed(() => {
  const found = new Map<string, { errors: number; warnings: number }>();
  for (const { section: name = '', severity } of state.value?.findings ?? []) {
    const count = found.get(name) ?? { errors: 0, warnings: 0 };
    if (severity === 'error') count.errors += 1;
    else count.warnings += 1;
    found.set(name, count);
  }
  return found;
});

effect(() => {
  const query = new URLSearchParams();
  if (place.value !== '') query.set('env', place.value);
  if (section.value !== '') query.set('section', section.value);
  history.replaceState(null, '', query.size === 0 ? location.pathname : `?${query}`);
});

function fromAddress(name: string): string {
  return new URLSearchParams(location.search).get(name) ?? '';
}

/** Reads the state of the place that is shown. */
export async function refresh(): Promise<void> {
  const query = place.value === '' ? '' : `?env=${encodeURIComponent(place.value)}`;
  const answer = await ask<PageState>(`state${query}`);
  if (answer === undefined) return;
  state.value = answer;
  place.value = answer.place ?? '';
}

let turn: Promise<unknown> = Promise.resolve();

/** Asks for an action, one after the other. */
export function act(action: PageAction): Promise<void> {
  const next = turn.then(async () => {
    isBusy.value = true;
    const body = JSON.stringify({ ...action, place: place.value || undefined });
    const answer = await ask<PageAnswer>('act', { method: 'POST', body });
    isBusy.value = false;
    if (answer === undefined) return;
    if (answer.place !== undefined) place.value = answer.place;
    state.value = answer.state;
    notice.value =
      answer.refused !== undefined
        ? { text: answer.done ?? 'That was not done', refused: answer.refused }
        : answer.done === undefined
          ? undefined
          : { text: answer.done };
  });
  turn = next;
  return next;
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T | undefined> {
  try {
    const response = await fetch(path, { ...init, headers: { 'content-type': 'application/json' } });
    return (await response.json()) as T;
  } catch {
    isGone.value = true;
    return undefined;
  }
}

/** Listens for what other tabs change, and keeps the program running while this page is open. */
export function listen(): void {
  const events = new EventSource('events');
  events.addEventListener('version', ({ data }) => {
    isGone.value = false;
    if (Number(data) !== state.value?.version) void refresh();
  });
  events.onerror = () => {
    isGone.value = true;
  };
}

/** The section that is open: the one that was chosen, else the first that there is. */
export function openSection(now: PageState): string {
  const names = now.sections.map(({ name }) => name);
  return names.includes(section.value) ? section.value : (names[0] ?? '');
}
