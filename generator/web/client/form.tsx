import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageFinding, PagePart, PageState, PageValue } from '../state.ts';
import { Findings } from './side.tsx';
import { act, onlySet, openSection, place, search } from './store.ts';

/** The values of the open section, or those that the search finds. */
export function Form({ now }: { now: PageState }) {
  const query = search.value.trim().toLowerCase();
  const open = openSection(now);
  const own = place.value === '' ? 'resource' : 'environment';
  const isFound = ({ name, title, description }: PageValue) =>
    query === '' || `${name} ${title} ${description}`.toLowerCase().includes(query);
  const isOwn = ({ origin, shared }: PageValue) => origin === own || shared !== undefined;
  const values = now.values.filter(
    (value) => (query === '' ? value.section === open : isFound(value)) && (!onlySet.value || isOwn(value)),
  );
  const part = query === '' ? now.parts.find(({ section }) => section === open) : undefined;
  const { title = open, description = '' } = now.sections.find(({ name }) => name === open) ?? {};
  const loose = now.findings.filter(
    ({ section, value }) => (section ?? '') === (query === '' ? open : '') && value === undefined,
  );
  return (
    <section class="card">
      <div class="title">
        <h2>{query === '' ? title : `${values.length} values with “${search.value.trim()}”`}</h2>
        <label class="check">
          <input
            type="checkbox"
            checked={onlySet.value}
            onChange={(event) => (onlySet.value = event.currentTarget.checked)}
          />
          {own === 'environment' ? 'only what differs here' : 'only what is set'} (
          {now.values.filter(isOwn).length})
        </label>
      </div>
      {query === '' && description !== '' && <p class="about intro">{description.replaceAll('`', '')}</p>}
      {part !== undefined && <Part part={part} />}
      <Findings findings={loose} />
      {values
        .filter(({ name }) => part === undefined || name !== `${part.section}.enabled`)
        .map((value) => (
          <Field
            key={`${place.value}:${value.name}`}
            value={value}
            isOwn={value.origin === own}
            findings={now.findings.filter((finding) => finding.value === value.name)}
          />
        ))}
      {values.length === 0 && (
        <p class="about">
          {query === ''
            ? 'Nothing is set here: everything is as the defaults say.'
            : 'No value has this in its name, title or text.'}
        </p>
      )}
    </section>
  );
}

function Part({ part: { section, title, isOn, brings, needs } }: { part: PagePart }) {
  return (
    <div class="part">
      <Switch
        label={title}
        isOn={isOn}
        onSwitch={(on) => act({ what: 'toggle', section, on })}
        id={`part-${section}`}
      />
      <div>
        <label for={`part-${section}`}>{isOn ? 'On' : 'Off'}</label>
        {brings.length > 0 && <p class="about">Brings {brings.join(', ')}.</p>}
        {!isOn && needs.length > 0 && (
          <p class="about">Needs {needs.map(({ name, message }) => name || message).join(', ')} to be set.</p>
        )}
      </div>
    </div>
  );
}

function Switch({
  label,
  isOn,
  onSwitch,
  id,
  describedBy,
}: {
  label: string;
  isOn: boolean;
  onSwitch: (on: boolean) => void;
  id: string;
  describedBy?: string;
}) {
  return (
    <button
      type="button"
      role="switch"
      id={id}
      class="switch"
      aria-checked={isOn}
      aria-label={label}
      aria-describedby={describedBy}
      onClick={() => onSwitch(!isOn)}
    />
  );
}

const origins = {
  environment: 'set here',
  resource: 'shared',
  preset: 'topology',
  default: 'default',
  unset: 'not set',
} as const;

function Field({
  value,
  isOwn,
  findings,
}: {
  value: PageValue;
  isOwn: boolean;
  findings: readonly PageFinding[];
}) {
  const { name, title, description, origin, bounds, type, optional } = value;
  const id = `value-${name}`;
  const isWrong = findings.some(({ severity }) => severity === 'error');
  const typeText = [type, bounds].join(bounds === undefined ? '' : ', ').replaceAll('`', '');
  const label = origin === 'resource' && isOwn ? 'set here' : origins[origin];
  return (
    <div class={`field ${isWrong ? 'wrong' : ''}`}>
      <div class="label">
        <label for={id}>{title}</label>
        <code>{name}</code>
      </div>
      <div class="input">
        <Widget value={value} id={id} isWrong={isWrong} />
        {value.secret === undefined && <span class={`origin ${isOwn ? 'own' : ''}`}>{label}</span>}
        {isOwn && optional && (
          <button
            type="button"
            class="plain"
            onClick={() => act({ what: 'unset', name, ...seen(value) })}
            aria-label={`Reset ${title}`}
            title="Remove it here: what is below shows through"
          >
            Reset
          </button>
        )}
      </div>
      <p class="about" id={`${id}-about`}>
        {description} <span class="type">{typeText}</span>
      </p>
      {value.shared !== undefined && (
        <p class="about shared">
          {value.shared === '' ? 'not set in what all share' : 'what all share: '}
          {value.shared !== '' && <code>{value.shared}</code>}
        </p>
      )}
      <Findings findings={findings} isInPlace />
    </div>
  );
}

/** What the page saw, so that a change of another tab is not overwritten. */
function seen({ value }: PageValue) {
  return value === undefined ? {} : { was: value };
}

function Widget({ value, id, isWrong }: { value: PageValue; id: string; isWrong: boolean }) {
  const { widget: kind, name, title, choices = [] } = value;
  const shared = { id, 'aria-describedby': `${id}-about`, 'aria-invalid': isWrong };
  const set = (text: string) => act({ what: 'set', name, text, ...seen(value) });
  if (kind === 'switch')
    return (
      <Switch
        id={id}
        describedBy={`${id}-about`}
        label={title}
        isOn={value.value === true}
        onSwitch={(on) => set(String(on))}
      />
    );
  if (kind === 'choice')
    return (
      <select
        {...shared}
        value={value.value === undefined ? '' : String(value.value)}
        onChange={(event) => set(event.currentTarget.value)}
      >
        {value.value === undefined && <option value="">—</option>}
        {choices.map((choice) => (
          <option key={String(choice)}>{String(choice)}</option>
        ))}
      </select>
    );
  if (kind === 'secret') return <Secret value={value} shared={shared} />;
  if (kind === 'constant' || kind === 'hidden' || value.isMasked)
    return <Shown value={value} shared={shared} />;
  if (kind === 'list' || kind === 'map' || kind === 'free')
    return <Lines value={value} shared={shared} onSet={set} />;
  return <Line value={value} shared={shared} onSet={set} />;
}

type Shared = { id: string; 'aria-describedby': string; 'aria-invalid': boolean };

function Line({ value, shared, onSet }: { value: PageValue; shared: Shared; onSet: (text: string) => void }) {
  const isDefault = !['environment', 'resource'].includes(value.origin);
  const present = isDefault || value.value === undefined ? '' : String(value.value);
  const [text, setText] = useState(present);
  useEffect(() => setText(present), [present]);
  const leave = () => {
    if (text !== present && !(text === '' && isDefault)) onSet(text);
  };
  return (
    <input
      {...shared}
      type="text"
      inputMode={value.widget === 'number' ? 'numeric' : undefined}
      value={text}
      spellcheck={false}
      autocomplete="off"
      placeholder={value.value === undefined ? example(value) : String(value.value)}
      onInput={(event) => setText(event.currentTarget.value)}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key === 'Enter') leave();
        if (event.key === 'Escape') setText(present);
      }}
    />
  );
}

function example({ examples, default: standard }: PageValue): string {
  const [first] = examples ?? [];
  if (first !== undefined) return `such as ${typeof first === 'string' ? first : JSON.stringify(first)}`;
  return standard === undefined || standard === null || typeof standard === 'object' ? '' : String(standard);
}

function Lines({
  value,
  shared,
  onSet,
}: {
  value: PageValue;
  shared: Shared;
  onSet: (text: string) => void;
}) {
  const present = value.yaml ?? '';
  const [text, setText] = useState(present);
  useEffect(() => setText(present), [present]);
  const rows = Math.min(16, Math.max(2, text.split('\n').length));
  return (
    <textarea
      {...shared}
      class="code"
      rows={rows}
      value={text}
      spellcheck={false}
      placeholder={example(value)}
      onInput={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        if (text !== present) onSet(text);
      }}
      onKeyDown={(event) => indent(event, setText)}
    />
  );
}

/** Enter keeps the indentation of the line, as in an editor. */
function indent(event: KeyboardEvent, put: (text: string) => void): void {
  if (event.key !== 'Enter') return;
  const area = event.currentTarget as HTMLTextAreaElement;
  const { selectionStart: at, selectionEnd: end, value } = area;
  const line = value.slice(value.lastIndexOf('\n', at - 1) + 1, at);
  const begin = `\n${/^ */.exec(line)?.[0] ?? ''}${line.trimEnd().endsWith(':') ? '  ' : ''}`;
  event.preventDefault();
  area.setRangeText(begin, at, end, 'end');
  put(area.value);
}

/** A value that can be seen and not edited here. */
function Shown({ value, shared }: { value: PageValue; shared: Shared }) {
  const text = value.yaml ?? (value.value === undefined ? 'not set' : String(value.value));
  return (
    <output {...shared} class="shown">
      <code>{text}</code>
      {value.isMasked && <small>Some of it is secret, so it is edited in the file.</small>}
    </output>
  );
}

function secretWords({ secret }: PageValue): string {
  if (place.value === '') return 'each environment has its own value';
  return secret === undefined ? 'not set' : `${secret.state}, ${secret.from}`;
}

function Secret({ value, shared }: { value: PageValue; shared: Shared }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOpen, setOpen] = useState(false);
  // a field has one line, and would join those of a key that is pasted
  const [lines, setLines] = useState('');
  useEffect(() => input.current?.focus(), [isOpen]);
  const leave = () => {
    setOpen(false);
    setLines('');
  };
  const send = () => {
    const text = lines || (input.current?.value ?? '');
    if (input.current !== null) input.current.value = '';
    leave();
    if (text !== '') void act({ what: 'secret', name: value.name, text });
  };
  if (!isOpen)
    return (
      <span class="secret">
        <span>{secretWords(value)}</span>
        <button
          type="button"
          disabled={place.value === ''}
          id={shared.id}
          aria-describedby={shared['aria-describedby']}
          onClick={() => setOpen(true)}
        >
          New value…
        </button>
      </span>
    );
  return (
    <span class="secret">
      <input
        {...shared}
        ref={input}
        type="password"
        autocomplete="new-password"
        readOnly={lines !== ''}
        onPaste={(event) => {
          const text = (event.clipboardData?.getData('text') ?? '').replaceAll('\r\n', '\n').trimEnd();
          if (!text.includes('\n')) return;
          event.preventDefault();
          setLines(text);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') send();
          if (event.key === 'Escape') leave();
        }}
      />
      {lines !== '' && <small role="status">{lines.split('\n').length} lines pasted</small>}
      <button type="button" class="main" onClick={send}>
        Write it
      </button>
    </span>
  );
}
