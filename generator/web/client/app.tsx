import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PageState } from '../state.ts';
import { Form } from './form.tsx';
import { Findings, Side } from './side.tsx';
import {
  act,
  counts,
  isBusy,
  isGone,
  listen,
  notice,
  openSection,
  place,
  refresh,
  search,
  section,
  state,
} from './store.ts';

function App() {
  const now = state.value;
  useEffect(() => {
    void refresh().then(listen);
    const onKey = (event: KeyboardEvent) => shortcut(event);
    const onLeave = (event: BeforeUnloadEvent) => {
      if (state.value?.isChanged) event.preventDefault();
    };
    addEventListener('keydown', onKey);
    addEventListener('beforeunload', onLeave);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('beforeunload', onLeave);
    };
  }, []);
  if (now === undefined) return <p class="wait">Reading the configuration…</p>;
  return (
    <>
      <a class="skip" href="#form">
        Skip to the form
      </a>
      <Header now={now} />
      {isGone.value && (
        <p class="gone" role="alert">
          The program has ended. Nothing more is saved: start <code>edit --web</code> again. The page connects
          by itself while the program runs.
        </p>
      )}
      <Conflicts now={now} />
      <Notice />
      <div class="columns">
        <Sections now={now} />
        <main id="form" tabIndex={-1}>
          {now.text === undefined ? (
            <Form now={now} />
          ) : (
            <Text key={now.file} text={now.text} file={now.file} />
          )}
        </main>
        <Side now={now} />
      </div>
    </>
  );
}

function shortcut(event: KeyboardEvent): void {
  const isTyping = (event.target as HTMLElement).closest('input, textarea, select') !== null;
  if ((event.ctrlKey || event.metaKey) && event.key === 's') {
    event.preventDefault();
    void act({ what: 'save' });
  } else if (event.key === '/' && !isTyping) {
    event.preventDefault();
    document.getElementById('search')?.focus();
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !isTyping) {
    event.preventDefault();
    void act({ what: event.shiftKey ? 'redo' : 'undo' });
  }
}

function Header({ now }: { now: PageState }) {
  const errors = now.findings.filter(({ severity }) => severity === 'error').length;
  const others = now.environments;
  return (
    <header>
      <h1>
        {now.release} {now.folder !== '.' && <small>{now.folder}</small>}
      </h1>
      {others.length > 0 && (
        <label class="place">
          <span>Editing</span>
          <select
            value={place.value}
            onChange={(event) => {
              place.value = event.currentTarget.value;
              void refresh();
            }}
          >
            <option value="">what all share</option>
            {others.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <span class="file">{now.file}</span>
      <span class="grow" />
      <button type="button" disabled={!now.canUndo} onClick={() => act({ what: 'undo' })} title="Ctrl+Z">
        Undo
      </button>
      <button
        type="button"
        disabled={!now.canRedo}
        onClick={() => act({ what: 'redo' })}
        title="Ctrl+Shift+Z"
      >
        Redo
      </button>
      <button
        type="button"
        class="main"
        disabled={!now.isChanged || isBusy.value}
        onClick={() => act({ what: 'save' })}
        title={errors > 0 ? 'There are errors to mend first' : 'Ctrl+S'}
      >
        {now.isChanged ? 'Save' : 'Saved'}
      </button>
    </header>
  );
}

/** A file that was changed on disk where it was changed here too. */
function Conflicts({ now: { conflicts, file } }: { now: PageState }) {
  if (conflicts.length === 0) return null;
  return (
    <div class="notice" role="alert">
      <div class="refused">
        <p>
          {file} was changed on disk meanwhile. Which one counts?
          <button type="button" onClick={() => act({ what: 'resolve', keep: 'ours' })}>
            What is here
          </button>
          <button type="button" onClick={() => act({ what: 'resolve', keep: 'theirs' })}>
            What is on disk
          </button>
        </p>
        <Findings findings={conflicts} />
      </div>
    </div>
  );
}

function Notice() {
  const told = notice.value;
  return (
    <div class="notice" aria-live="polite">
      {told !== undefined && (
        <div class={told.refused === undefined ? 'done' : 'refused'}>
          <p>
            {told.text}
            <button type="button" class="plain" aria-label="Close" onClick={() => (notice.value = undefined)}>
              ×
            </button>
          </p>
          {told.refused !== undefined && <Findings findings={told.refused} />}
        </div>
      )}
    </div>
  );
}

function Sections({ now }: { now: PageState }) {
  return (
    <nav aria-label="Sections">
      <input
        id="search"
        type="search"
        placeholder="Search values  /"
        aria-label="Search values"
        value={search.value}
        onInput={(event) => (search.value = event.currentTarget.value)}
      />
      <ul>
        {now.sections.map(({ name, title }) => {
          const { errors, warnings } = counts.value.get(name) ?? { errors: 0, warnings: 0 };
          const part = now.parts.find((each) => each.section === name);
          const isOpen = name === openSection(now) && search.value === '';
          return (
            <li key={name}>
              <a
                href={`?section=${name}`}
                aria-current={isOpen ? 'page' : undefined}
                onClick={(event) => {
                  event.preventDefault();
                  section.value = name;
                  search.value = '';
                  document.getElementById('form')?.focus();
                }}
              >
                <span>{title}</span>
                {part?.isOn === false && <small>off</small>}
                {errors > 0 && (
                  <b class="error">
                    {errors}
                    <span class="hidden"> errors</span>
                  </b>
                )}
                {warnings > 0 && (
                  <b class="warning">
                    {warnings}
                    <span class="hidden"> warnings</span>
                  </b>
                )}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function Text({ text, file }: { text: string; file: string }) {
  const area = useRef<HTMLTextAreaElement>(null);
  return (
    <section class="card">
      <h2>{file}</h2>
      <p class="about">The file cannot be read as YAML. Mend it here; the findings say where.</p>
      <textarea ref={area} class="code" rows={24} aria-label={file} spellcheck={false} defaultValue={text} />
      <button
        type="button"
        class="main"
        onClick={() => act({ what: 'rewrite', text: area.current?.value ?? text })}
      >
        Read it again
      </button>
    </section>
  );
}

render(<App />, document.getElementById('app') as HTMLElement);
