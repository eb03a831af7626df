import { useState } from 'react';
import { useApp } from '../app-context.tsx';
import { joinWords } from '../text/words.ts';
import { Checks, type Choice, Choices } from '../ui/choices.tsx';
import { Icon } from '../ui/icon.tsx';
import { type Preset, presetOfScopes, type ScopeOffer, scopesOfPreset } from './scope-choice.ts';

export interface ScopeFieldProps {
  readonly offer: ScopeOffer;
  readonly value: readonly string[];
  readonly onChange: (scopes: readonly string[]) => void;
  readonly problem?: string | undefined;
}

const PRESETS: readonly Choice<Preset>[] = [
  { value: 'read_only', label: 'Read only' },
  { value: 'everything', label: 'Everything' },
  { value: 'choose', label: 'Choose' },
];

/** What the credential may do: a preset, or single scopes with what each of them allows. */
export function ScopeField({ offer, value, onChange, problem }: ScopeFieldProps) {
  const { config } = useApp();
  const [preset, setPreset] = useState<Preset>(() => presetOfScopes(value, { offer, config }));
  const choose = (next: Preset) => {
    setPreset(next);
    onChange(scopesOfPreset(next, { offer, chosen: value, config }));
  };
  return (
    <div className="stack">
      {offer.presets.length > 1 && (
        <Choices
          label="What it may do"
          choices={PRESETS.filter((choice) => offer.presets.includes(choice.value))}
          value={preset}
          onChange={choose}
        />
      )}
      {preset === 'choose' && <ScopeList offer={offer} value={value} onChange={onChange} problem={problem} />}
      <p className="hint scope-words">
        {describeChoice(value, { preset, isEmptyAll: config.features.empty_scopes_mean_all })}
      </p>
    </div>
  );
}

function ScopeList({ offer, value, onChange, problem }: ScopeFieldProps) {
  const checks = offer.scopes.map(({ name, description, implies }) => ({
    value: name,
    label: <code>{name}</code>,
    hint: `${description}.${implies.length > 0 ? ` Includes ${joinWords(implies)}.` : ''}`,
  }));
  return (
    <Checks label="Scopes" checks={checks} value={value} onChange={onChange} problem={problem}>
      {offer.withheld.map(({ scope, reason }) => (
        <div key={scope.name} className="check check-withheld">
          <Icon name="info" />
          <span className="check-text">
            <code>{scope.name}</code>
            <span className="hint">{reason}</span>
          </span>
        </div>
      ))}
    </Checks>
  );
}

function describeChoice(
  value: readonly string[],
  { preset, isEmptyAll }: { readonly preset: Preset; readonly isEmptyAll: boolean },
): string {
  if (value.length > 0) return preset === 'choose' ? '' : `Scopes: ${joinWords(value)}.`;
  if (!isEmptyAll) return '';
  return preset === 'choose'
    ? 'With no scope chosen, it may use everything.'
    : 'Every scope, also those that come later.';
}
