import { useId } from 'react';
import { Icon } from './icon.tsx';

export interface SelectProps<Value extends string> {
  /** For screen readers; the first choice says it for everybody else. */
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
}

/** The browser's own list: it fits every device, and costs no script. */
export function Select<Value extends string>({ label, value, choices, onChange }: SelectProps<Value>) {
  const id = useId();
  return (
    <span className="select">
      <label htmlFor={id} className="visually-hidden">
        {label}
      </label>
      <select
        id={id}
        className="input"
        value={value}
        onChange={(event) => onChange(event.target.value as Value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <Icon name="chevron" />
    </span>
  );
}
