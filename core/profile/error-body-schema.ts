import * as v from 'valibot';
import {
  ERROR_FIELDS,
  type ErrorBodies,
  PLACEHOLDER,
  PRODUCT_CODES,
  type Template,
} from '../errors/error-body.ts';
import { hintOf } from '../text/closest-word.ts';
import { describeIssue, isObject } from '../text/invalid-input.ts';
import { choice, object, record } from './schema-parts.ts';

/** All variables of a Lambda function have 4 KB together, and the product needs some of its own. */
const LARGEST_BYTES = 2_048;
const MOST_LEVELS = 8;
const FIELDS = ERROR_FIELDS.map((field) => `{${field}}`);

/** Finds the first fault of a template. @returns the end of "must be …"; `undefined` for a good template. */
function findFault(value: unknown, place: readonly string[] = []): string | undefined {
  if (place.length > MOST_LEVELS) return `a template of at most ${MOST_LEVELS} levels`;
  if (typeof value === 'string') return findTextFault(value, place);
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return undefined;
  if (typeof value !== 'object') return `a template of JSON values${describePlace(place)}`;
  for (const [name, inner] of Object.entries(value)) {
    const here = [...place, name];
    if (name === '__proto__' || /[{}$]/.test(name))
      return `a template whose fields have fixed names without $, { and }${describePlace(place)}`;
    const fault = findFault(inner, here);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** API Gateway replaces words that begin with `$`, and some of them hold a caller's headers. */
function findTextFault(text: string, place: readonly string[]): string | undefined {
  if (text.includes('$'))
    return `a template without $, which API Gateway would fill in${describePlace(place)}`;
  for (const [placeholder, field] of text.matchAll(PLACEHOLDER)) {
    const isKnown = ERROR_FIELDS.some((known) => known === field);
    if (!isKnown)
      return `a template of the fields ${FIELDS.join(', ')}; there is no ${placeholder}${describePlace(place)}${hintOf(field, FIELDS)}`;
  }
  if (/[{}]/.test(text.replace(PLACEHOLDER, '')))
    return `a template in which { and } stand around the name of a field only${describePlace(place)}`;
  return undefined;
}

function describePlace(place: readonly string[]): string {
  return place.length === 0 ? '' : ` (at ${place.join('.')})`;
}

const template = v.pipe(
  v.custom<{ readonly [name: string]: Template }>(isObject, 'a JSON object'),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? findFault(dataset.value) : undefined;
    if (fault !== undefined) addIssue({ message: fault });
  }),
);

const wording = (longest: number) => {
  const expected = `a text of 1 to ${longest} characters without $, { and }, which are for templates`;
  return v.pipe(
    v.string(expected),
    v.regex(/^[^\s${}][^${}\p{Cc}]*$/u, expected),
    v.maxLength(longest, expected),
  );
};
const title = v.exactOptional(wording(100));
const detail = v.exactOptional(wording(200));

const STATUS = 'a status from 400 to 599';
const CODES = PRODUCT_CODES.join(', ');

/** How a product's errors look. They can print nothing that a caller controls. */
export const errorsSchema = v.pipe(
  object(
    v.strictObject({
      template: v.exactOptional(template),
      by_status: v.optional(
        record(
          v.record(
            v.pipe(v.string(STATUS), v.regex(/^[45]\d\d$/, STATUS)),
            object(v.strictObject({ template: v.exactOptional(template), title, detail })),
          ),
          'an object whose names are statuses from 400 to 599',
        ),
        {},
      ),
      by_code: v.optional(
        record(
          v.record(
            choice(PRODUCT_CODES, `one of the codes ${CODES}`),
            object(v.strictObject({ title, detail })),
          ),
          `an object whose names are among the codes ${CODES}`,
        ),
        {},
      ),
    }),
  ),
  v.check(
    (errors) => isSmall(errors),
    `at most ${LARGEST_BYTES} bytes of JSON, since functions read it from their environment`,
  ),
);

function isSmall(errors: object): boolean {
  try {
    return new TextEncoder().encode(JSON.stringify(errors)).length <= LARGEST_BYTES;
  } catch {
    // It holds itself, or values that JSON does not have. The template's own check says so.
    return true;
  }
}

const NAMES = { byStatus: 'by_status', byCode: 'by_code' } as const;

/**
 * Finds the first mistake in error bodies that did not come from a profile.
 * @returns a sentence without its full stop, such as `errors.template must be …`; `undefined` for good ones.
 */
export function findErrorBodyMistake(errors: ErrorBodies): string | undefined {
  const { template, byStatus, byCode, ...others } = errors;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    return `errors.${unknown} must be left out: errors of an API are those of a profile that was read, with template, byStatus and byCode`;
  const data = {
    ...(template !== undefined && { template }),
    by_status: byStatus ?? null,
    by_code: byCode ?? null,
  };
  const { issues } = v.safeParse(errorsSchema, data);
  if (issues === undefined) return undefined;
  const { field, expected } = describeIssue(issues[0]);
  const [first = '', ...inner] = field.split('.');
  const name = Object.entries(NAMES).find(([, known]) => known === first)?.[0] ?? first;
  return `${['errors', ...(name === 'body' ? [] : [name]), ...inner].join('.')} must be ${expected}`;
}
