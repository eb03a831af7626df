export interface DayFieldProps {
  readonly label: string;
  /** Such as `2027-01-31`; empty for no day. */
  readonly value: string;
  readonly onChange: (day: string) => void;
}

/** The browser's own calendar, in a row of filters. */
export function DayField({ label, value, onChange }: DayFieldProps) {
  return (
    <label className="day">
      {label}
      <input className="input" type="date" value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
