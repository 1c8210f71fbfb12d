import type { PageFinding, PagePart, PageState, PageValue } from '../state.ts';
import { Findings } from './side.tsx';
import { act, onlySet, openSection, place, search } from './store.ts';
import { Switch, seen, Widget } from './widget.tsx';

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
