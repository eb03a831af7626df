import { formatTimestamp } from '../../core/text/timestamp.ts';
import { COLUMNS, type Column } from './source-row.ts';

/**
 * Reads a value as exports write it. What it cannot read stays as it is, so that the check of the row says what was expected.
 * @returns `undefined` for an empty value: the row does not have the field.
 */
export function readValue(field: string, value: unknown): unknown {
  if (value === null || value === undefined || value === '') return undefined;
  const read = isColumn(field) ? READERS[field] : undefined;
  return read === undefined ? value : read(value);
}

function isColumn(field: string): field is Column {
  return COLUMNS.some((column) => column === field);
}

const READERS: Readonly<Partial<Record<Column, (value: unknown) => unknown>>> = {
  scopes: readList,
  allowed_cidrs: readList,
  created_at: readTime,
  expires_at: readTime,
  last_used_at: readTime,
  enabled: readBoolean,
  rate_limit: readLimit,
};

/** A list in one text has blanks, commas, semicolons or bars between its parts. */
function readList(value: unknown): unknown {
  return typeof value === 'string' ? value.split(/[\s,;|]+/).filter((part) => part !== '') : value;
}

/** As databases write them: a blank for the T, and a zone of hours only. */
const DATABASE_TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|UTC|[+-]\d\d(?::?\d\d)?)$/;

/** A number is Unix time: in seconds up to the year 5138, and in milliseconds from 1973. */
const FIRST_MILLISECONDS = 100_000_000_000;

function readTime(value: unknown): unknown {
  const number = typeof value === 'number' ? value : /^\d{1,13}$/.test(String(value)) ? Number(value) : NaN;
  if (Number.isSafeInteger(number) && number >= 0)
    return formatTimestamp(number < FIRST_MILLISECONDS ? number : Math.floor(number / 1000));
  const [, date, time, zone = ''] = DATABASE_TIME.exec(String(value)) ?? [];
  if (date === undefined) return value;
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}` : 'Z';
  return `${date}T${time}${offset}`;
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  '1': true,
  false: false,
  f: false,
  no: false,
  '0': false,
};

function readBoolean(value: unknown): unknown {
  const text = String(value).toLowerCase();
  return typeof value !== 'object' && Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : value;
}

/** `100/60` is 100 calls in 60 seconds. */
function readLimit(value: unknown): unknown {
  const [, limit, seconds] = /^(\d+)\/(\d+)$/.exec(String(value)) ?? [];
  return limit === undefined ? value : { limit: Number(limit), window_seconds: Number(seconds) };
}
