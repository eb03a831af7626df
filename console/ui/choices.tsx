import { type ReactNode, useId } from 'react';

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
}

export interface ChoicesProps<Value extends string> {
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  /** `row`: short words side by side. `list`: one under the other, with room for a hint. */
  readonly shape?: 'row' | 'list';
}

/** Picks one of a few: the browser's own radio buttons, which lie over the words unseen. */
export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { label, choices, value, onChange, shape = 'row' } = props;
  const name = useId();
  return (
    <fieldset className="field">
      <legend>{label}</legend>
      <div className={`choices choices-${shape}`}>
        {choices.map((choice) => (
          <label key={choice.value} className="choice">
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
              aria-label={choice.label}
              aria-describedby={choice.hint === undefined ? undefined : `${name}-${choice.value}`}
            />
            <span className="choice-label">{choice.label}</span>
            {choice.hint !== undefined && (
              <span className="hint" id={`${name}-${choice.value}`}>
                {choice.hint}
              </span>
            )}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export interface CheckProps {
  readonly value: string;
  readonly label: ReactNode;
  /** What it means to tick it. */
  readonly hint: string;
}

export interface ChecksProps {
  readonly label: string;
  readonly checks: readonly CheckProps[];
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
  readonly problem?: string | undefined;
  /** Rows that cannot be ticked. */
  readonly children?: ReactNode;
}

/** Ticks any number of a list; the value keeps the order of the list. */
export function Checks({ label, checks, value, onChange, problem, children }: ChecksProps) {
  const id = useId();
  const tick = (ticked: string, isTicked: boolean) =>
    onChange(
      checks.map((one) => one.value).filter((one) => (one === ticked ? isTicked : value.includes(one))),
    );
  return (
    <fieldset className="field" aria-describedby={problem === undefined ? undefined : `${id}-problem`}>
      <legend>{label}</legend>
      <div className="checks">
        {checks.map((check) => (
          <label key={check.value} className="check">
            <input
              type="checkbox"
              value={check.value}
              checked={value.includes(check.value)}
              onChange={(event) => tick(check.value, event.target.checked)}
              aria-label={check.value}
              aria-describedby={`${id}-${check.value}`}
            />
            <span className="check-text">
              {check.label}
              <span className="hint" id={`${id}-${check.value}`}>
                {check.hint}
              </span>
            </span>
          </label>
        ))}
        {children}
      </div>
      {problem !== undefined && (
        <p className="field-problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
