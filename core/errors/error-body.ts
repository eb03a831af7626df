import type { PublicProblem } from './public-problem.ts';

/** The fields that a template may print. A caller controls none of them. */
export const ERROR_FIELDS = ['status', 'title', 'detail', 'code', 'required_scope', 'request_id'] as const;
export type ErrorField = (typeof ERROR_FIELDS)[number];

/** The codes of the errors that Keyward and API Gateway answer with on a product's API. */
export const PRODUCT_CODES = [
  'unauthorized',
  'insufficient_scope',
  'forbidden',
  'rate_limited',
  'not_found',
  'unavailable',
  'internal_error',
  'request_refused',
] as const;

/**
 * A JSON value whose texts may hold `{field}`. A text that is one placeholder and nothing else becomes the field's value with
 * its type: the status is a number, and a missing required scope is `null`.
 */
export type Template =
  | null
  | boolean
  | number
  | string
  | readonly Template[]
  | { readonly [name: string]: Template };

/** The words of an error in a product's own wording. Where one is absent, Keyward's stands. */
export interface ErrorWords {
  readonly title?: string;
  readonly detail?: string;
}

/** How a product shapes and words the errors of its HTTP API. */
export interface ErrorBodies {
  /** The body of every error; absent for problem details (RFC 9457). */
  readonly template?: Template;
  /** By the status, from 400 to 599. A template here comes before the one for all errors. */
  readonly byStatus: Readonly<Record<string, ErrorWords & { readonly template?: Template }>>;
  /** By the code. These words come before those of the status. */
  readonly byCode: Readonly<Record<string, ErrorWords>>;
}

/** Says a problem in the product's words. */
export function wordProblem<Problem extends Omit<PublicProblem, 'status'> & { readonly status?: number }>(
  errors: ErrorBodies | undefined,
  problem: Problem,
): Problem {
  const ofCode = errors?.byCode[problem.code];
  const ofStatus = errors?.byStatus[String(problem.status)];
  return {
    ...problem,
    title: ofCode?.title ?? ofStatus?.title ?? problem.title,
    detail: ofCode?.detail ?? ofStatus?.detail ?? problem.detail,
  };
}

/** @returns `undefined` if the body is problem details. */
export function templateFor(errors: ErrorBodies | undefined, status: number): Template | undefined {
  return errors?.byStatus[String(status)]?.template ?? errors?.template;
}

/** A field as parts of JSON text. */
export interface PrintedField {
  /** As a whole value: a text has its quotes. */
  readonly value: string;
  /** Inside a longer text, escaped. */
  readonly text: string;
}

export function printField(value: string | number | null): PrintedField {
  return { value: JSON.stringify(value), text: value === null ? '' : escapeText(String(value)) };
}

/** Escapes a text for the place between the quotes of JSON. */
export function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** @returns JSON. */
export function renderTemplate(
  template: Template,
  fields: Readonly<Record<ErrorField, PrintedField>>,
): string {
  if (typeof template === 'string') {
    const alone = ERROR_FIELDS.find((field) => template === `{${field}}`);
    if (alone !== undefined) return fields[alone].value;
    return `"${escapeText(template).replace(PLACEHOLDER, (_, field: ErrorField) => fields[field].text)}"`;
  }
  if (typeof template !== 'object' || template === null) return JSON.stringify(template);
  if (isList(template)) return `[${template.map((item) => renderTemplate(item, fields)).join(',')}]`;
  const members = Object.entries(template).map(
    ([name, value]) => `${JSON.stringify(name)}:${renderTemplate(value, fields)}`,
  );
  return `{${members.join(',')}}`;
}

/** Escaping a text for JSON changes nothing in it. */
export const PLACEHOLDER = /\{([^{}]*)\}/g;

/** `Array.isArray` does not tell a readonly list from an object. */
function isList(template: object): template is readonly Template[] {
  return Array.isArray(template);
}
