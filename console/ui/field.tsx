import type { ReactNode } from 'react';
import { TextField as AriaTextField, FieldError, Input, Label, Text, TextArea } from 'react-aria-components';

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: ReactNode;
  /** What is wrong with the value; shown under the field. */
  readonly problem?: string | undefined;
  readonly isRequired?: boolean;
  readonly isOptional?: boolean;
  readonly autoFocus?: boolean;
  readonly placeholder?: string;
  readonly lines?: number;
  readonly type?: 'text' | 'date' | 'email';
  readonly min?: string;
  readonly maxLength?: number;
  readonly isMono?: boolean;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onChange, hint, problem, isRequired = false, isOptional = false, lines = 1 } = props;
  const inner = {
    className: props.isMono ? 'input mono' : 'input',
    autoComplete: 'off',
    spellCheck: false,
    ...(props.placeholder === undefined ? {} : { placeholder: props.placeholder }),
  };
  return (
    <AriaTextField
      className="field"
      value={value}
      onChange={onChange}
      isRequired={isRequired}
      validationBehavior="aria"
      isInvalid={problem !== undefined}
      autoFocus={props.autoFocus ?? false}
      {...(props.maxLength === undefined ? {} : { maxLength: props.maxLength })}
    >
      <Label>
        {label}
        {isOptional && <span className="optional"> optional</span>}
      </Label>
      {lines > 1 ? (
        <TextArea {...inner} rows={lines} />
      ) : (
        <Input
          {...inner}
          type={props.type ?? 'text'}
          {...(props.min === undefined ? {} : { min: props.min })}
        />
      )}
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-problem">{problem}</FieldError>
    </AriaTextField>
  );
}
