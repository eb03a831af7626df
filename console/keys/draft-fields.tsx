import type { Dispatch, SetStateAction } from 'react';
import { useApp, useNow, useWorkspace } from '../app-context.tsx';
import { Button } from '../ui/button.tsx';
import { Choices } from '../ui/choices.tsx';
import { TextField } from '../ui/field.tsx';
import { dayOf, EXPIRY_CHOICES, type ExpiryDraft } from './expiry.ts';
import { type DraftProblems, type KeyDraft, networkOf } from './key-draft.ts';
import type { ScopeOffer } from './scope-choice.ts';
import { ScopeField } from './scope-field.tsx';

export interface DraftFieldsProps {
  readonly draft: KeyDraft;
  readonly onChange: Dispatch<SetStateAction<KeyDraft>>;
  readonly offer: ScopeOffer;
  readonly problems: DraftProblems;
  /** What the API said of the networks. */
  readonly networkProblem?: string | undefined;
}

/** The fields of a new key, and of a change of one: name, what it may do, until when, from where. */
export function DraftFields({ draft, onChange, offer, problems, networkProblem }: DraftFieldsProps) {
  const { config } = useApp();
  const { address } = useWorkspace().person;
  const { features, name_examples: examples } = config;
  const set = (part: Partial<KeyDraft>) => onChange((before) => ({ ...before, ...part }));
  return (
    <>
      <TextField
        label="Name"
        value={draft.name}
        onChange={(name) => set({ name })}
        isRequired={features.name_required}
        isOptional={!features.name_required}
        problem={problems.name}
        maxLength={200}
        autoFocus
        hint={
          examples.length === 0
            ? 'So that you know later where it is used.'
            : `For example ${examples.join(', ')}.`
        }
      />
      <TextField
        label="Description"
        value={draft.description}
        onChange={(description) => set({ description })}
        isOptional
        lines={2}
      />
      {features.scopes && (
        <ScopeField
          offer={offer}
          value={draft.scopes}
          onChange={(scopes) => set({ scopes })}
          problem={problems.scopes}
        />
      )}
      <ExpiryField value={draft.expiry} onChange={(expiry) => set({ expiry })} problem={problems.expiry} />
      <div className="stack">
        <TextField
          label="Networks"
          value={draft.networks}
          onChange={(networks) => set({ networks })}
          isOptional
          isMono
          lines={2}
          placeholder="203.0.113.0/24"
          problem={networkProblem}
          hint="The key works only from these addresses. Leave it empty for every network."
        />
        {address !== null && (
          <div>
            <Button onPress={() => set({ networks: networkOf(address) })}>Only my address</Button>
          </div>
        )}
      </div>
    </>
  );
}

export interface ExpiryFieldProps {
  readonly value: ExpiryDraft;
  readonly onChange: (value: ExpiryDraft) => void;
  readonly problem?: string | undefined;
}

export function ExpiryField({ value, onChange, problem }: ExpiryFieldProps) {
  const now = useNow();
  return (
    <div className="stack">
      <Choices
        label="Expires"
        choices={EXPIRY_CHOICES}
        value={value.choice}
        onChange={(choice) => onChange({ ...value, choice })}
      />
      {value.choice === 'date' && (
        <TextField
          label="Expiration date"
          type="date"
          value={value.date}
          min={dayOf(now)}
          onChange={(date) => onChange({ ...value, date })}
          problem={problem}
        />
      )}
    </div>
  );
}
