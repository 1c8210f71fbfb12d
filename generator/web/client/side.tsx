import { useState } from 'preact/hooks';
import type { PageFinding, PageObject, PageState } from '../state.ts';
import { place, refresh, search, section } from './store.ts';

type Tab = 'picture' | 'changes' | 'findings';

/** What the configuration makes: the picture, what saving changes, and what is wrong. */
export function Side({ now }: { now: PageState }) {
  const [tab, setTab] = useState<Tab>('picture');
  const changed = now.texts.length;
  const tabs: [Tab, string][] = [
    ['picture', 'Picture'],
    ['changes', changed === 0 ? 'Changes' : `Changes (${changed})`],
    ['findings', `Findings (${now.findings.length})`],
  ];
  return (
    <aside aria-label="What it makes">
      <div role="tablist" aria-label="What it makes">
        {tabs.map(([name, title]) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls="panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => setTab(name)}
            onKeyDown={(event) => {
              const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
              if (step === undefined) return;
              const next =
                tabs[(tabs.findIndex(([each]) => each === tab) + step + tabs.length) % tabs.length];
              if (next === undefined) return;
              setTab(next[0]);
              document.getElementById(`tab-${next[0]}`)?.focus();
            }}
          >
            {title}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it */}
      <div id="panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === 'picture' && <Picture now={now} />}
        {tab === 'changes' && <Changes now={now} />}
        {tab === 'findings' &&
          (now.findings.length === 0 ? (
            <p class="about">Nothing is wrong.</p>
          ) : (
            <Findings findings={now.findings} />
          ))}
      </div>
    </aside>
  );
}

function Picture({ now: { picture } }: { now: PageState }) {
  if (picture === undefined) return <p class="about">There is a picture as soon as the errors are mended.</p>;
  // The server draws it and escapes every text in it.
  return <div class="picture" dangerouslySetInnerHTML={{ __html: picture }} />;
}

function Changes({ now: { texts, objects, findings } }: { now: PageState }) {
  if (texts.length === 0) return <p class="about">Nothing is changed: what is shown is what is saved.</p>;
  return (
    <>
      {texts.map(({ file, diff }) => (
        <figure key={file}>
          <figcaption>{file}</figcaption>
          <pre>
            {diff
              .split('\n')
              .filter((line) => !/^(?:Index: |=+$|---|\+\+\+|\\ )/.test(line))
              .map((line, index) => (
                <span key={String(index)} class={lineClass(line)}>
                  {line}
                  {'\n'}
                </span>
              ))}
          </pre>
        </figure>
      ))}
      <h3>Objects</h3>
      {objects.length === 0 && (
        <p class="about">
          {findings.some(({ severity }) => severity === 'error')
            ? 'They are compared as soon as the errors are mended.'
            : 'No object changes.'}
        </p>
      )}
      {objects.map((each) => (
        <ObjectChange key={JSON.stringify(each)} change={each} />
      ))}
    </>
  );
}

function lineClass(line: string): string {
  if (line.startsWith('@@')) return 'hunk';
  if (line.startsWith('+')) return 'plus';
  return line.startsWith('-') ? 'minus' : '';
}

function ObjectChange({ change: { environments, object, what, fields } }: { change: PageObject }) {
  return (
    <div class="object">
      <p>
        <b class={what}>{what}</b> {object} <small>{environments.join(', ')}</small>
      </p>
      {fields.map(({ name, before, after }) => (
        <dl key={name}>
          <dt>{name}</dt>
          {before !== undefined && <dd class="minus">{before}</dd>}
          {after !== undefined && <dd class="plus">{after}</dd>}
        </dl>
      ))}
    </div>
  );
}

/** Findings; each leads to its value. */
export function Findings({
  findings,
  isInPlace = false,
}: {
  findings: readonly PageFinding[];
  isInPlace?: boolean;
}) {
  if (findings.length === 0) return null;
  return (
    <ul class="findings">
      {findings.map((finding) => (
        <li
          key={`${finding.code}${finding.name}${finding.message}${finding.environments}`}
          class={finding.severity}
        >
          <p>
            <b>{finding.severity}</b> {finding.message}
            {finding.environments.length > 0 && <small> {finding.environments.join(', ')}</small>}
          </p>
          {finding.details !== undefined && <pre>{finding.details.join('\n')}</pre>}
          <p class="about">{finding.hint}</p>
          {!isInPlace && finding.value !== undefined && (
            <button type="button" class="plain" onClick={() => goTo(finding)}>
              {finding.name}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

async function goTo({ section: name = '', value = '', environments }: PageFinding): Promise<void> {
  const [first] = environments;
  if (first !== undefined && place.value !== first) {
    place.value = first;
    await refresh();
  }
  section.value = name;
  search.value = '';
  setTimeout(() => document.getElementById(`value-${value}`)?.focus());
}
