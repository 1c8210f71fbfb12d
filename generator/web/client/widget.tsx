/** What values are edited by: a switch, a choice, a line, lines, a secret. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageValue } from '../state.ts';
import { act, place } from './store.ts';

/** On or off. */
export function Switch({
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

/** What the page saw, so that a change of another tab is not overwritten. */
export function seen({ value }: PageValue) {
  return value === undefined ? {} : { was: value };
}

/** What a value is edited by. */
export function Widget({ value, id, isWrong }: { value: PageValue; id: string; isWrong: boolean }) {
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
