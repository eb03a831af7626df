import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ERROR_FIELDS,
  type ErrorField,
  PRODUCT_CODES,
  printField,
  renderTemplate,
  type Template,
  templateFor,
  wordProblem,
} from '../../../core/errors/error-body.ts';
import { GATEWAY_PROBLEMS } from '../../../core/errors/gateway-problem.ts';
import { PROBLEMS } from '../../../core/errors/public-problem.ts';
import { parseProfile } from '../../../core/profile/parse-profile.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { REFUSALS } from '../../../core/verification/refusal.ts';
import standard from '../../../profiles/standard.json' with { type: 'json' };
import { complaint } from '../profile/complaint.ts';

const parse = (errors: unknown): Profile['errors'] => parseProfile({ ...standard, errors }).errors;

const complaintOf = (errors: unknown): string => complaint({ ...standard, errors });

const VALUES = {
  status: 403,
  title: 'For "bidden"',
  detail: 'Zurück, 금지 \\ \n',
  code: 'forbidden',
  required_scope: null,
  request_id: 'request-1',
} as const;
const printed = (values: Record<ErrorField, string | number | null>) =>
  Object.fromEntries(ERROR_FIELDS.map((field) => [field, printField(values[field])])) as Record<
    ErrorField,
    ReturnType<typeof printField>
  >;
const render = (template: Template, values: Record<ErrorField, string | number | null> = VALUES): unknown =>
  JSON.parse(renderTemplate(template, printed(values)));

describe('a profile’s template for error bodies', () => {
  test('keeps the type of a field that stands alone, and prints it as text inside a longer text', () => {
    const template = {
      alone: ['{status}', '{title}', '{required_scope}'],
      'in text': 'HTTP {status}: {title}, needs {required_scope}.',
      kept: [1, true, null, 'as it is', {}],
    };
    expect(render(template)).toEqual({
      alone: [403, VALUES.title, null],
      'in text': `HTTP 403: ${VALUES.title}, needs .`,
      kept: [1, true, null, 'as it is', {}],
    });
    expect(render('{required_scope}', { ...VALUES, required_scope: 'read' })).toBe('read');
  });

  test('always gives JSON of the same shape, whatever its texts and the fields hold', () => {
    const text = fc.string({ unit: 'binary' });
    const literal = text.map((value) => value.replaceAll(/[{}$]/g, ''));
    const texts = fc
      .array(fc.oneof(literal, fc.constantFrom(...ERROR_FIELDS.map((field) => `{${field}}`))))
      .map((parts) => parts.join(''));
    const { template } = fc.letrec<{ template: Template }>((tie) => ({
      template: fc.oneof(
        { maxDepth: 3 },
        texts,
        fc.oneof(fc.constant(null), fc.boolean(), fc.integer()),
        fc.array(tie('template'), { maxLength: 3 }),
        fc.dictionary(
          literal.filter((name) => name !== '__proto__'),
          tie('template'),
          { maxKeys: 3 },
        ),
      ),
    }));
    const values = fc.record({
      status: fc.integer({ min: 400, max: 599 }),
      title: text,
      detail: text,
      code: text,
      required_scope: fc.option(text),
      request_id: text,
    });
    const fill = (value: Template, fields: Record<ErrorField, string | number | null>): Template => {
      if (typeof value === 'string') {
        const alone = ERROR_FIELDS.find((field) => value === `{${field}}`);
        if (alone !== undefined) return fields[alone];
        return value
          .split(/(\{\w+\})/)
          .map((part, index) => (index % 2 === 0 ? part : (fields[part.slice(1, -1) as ErrorField] ?? '')))
          .join('');
      }
      if (Array.isArray(value)) return value.map((item) => fill(item, fields));
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner, fields)]));
    };
    fc.assert(
      fc.property(template, values, (given, fields) => {
        expect(JSON.stringify(render(given, fields))).toBe(JSON.stringify(fill(given, fields)));
      }),
    );
  });

  test('for one status wins over the one for all, and without any the body is problem details', () => {
    const errors = parse({
      template: { all: true },
      by_status: { '404': { template: { one: true } }, '410': {} },
    });
    expect([400, 404, 410].map((status) => templateFor(errors, status))).toEqual([
      { all: true },
      { one: true },
      { all: true },
    ]);
    expect(templateFor(parse({ by_status: { '404': { template: {} } } }), 400)).toBeUndefined();
    expect(templateFor(parse(undefined), 400)).toBeUndefined();
  });
});

test('the words for a code win over those for a status, and Keyward’s own words fill the rest', () => {
  const errors = parse({
    by_status: { '401': { detail: 'Who are you?' }, '403': { title: 'No', detail: 'You may not.' } },
    by_code: { insufficient_scope: { detail: 'Your key is too small.' } },
  });
  const worded = ({ status, title, code, detail }: (typeof REFUSALS)[keyof typeof REFUSALS]) =>
    wordProblem(errors, { status, title, code, detail });
  expect(worded(REFUSALS.expired)).toMatchObject({ title: 'Unauthorized', detail: 'Who are you?' });
  expect(worded(REFUSALS.forbidden)).toMatchObject({ title: 'No', detail: 'You may not.' });
  expect(worded(REFUSALS.insufficient_scope)).toMatchObject({
    title: 'No',
    detail: 'Your key is too small.',
  });
  expect(worded(REFUSALS.rate_limited)).toMatchObject({ detail: REFUSALS.rate_limited.detail });
});

test('every code that Keyward answers with on a product’s API may have words', () => {
  const product = [PROBLEMS.not_begun, PROBLEMS.internal_error, ...Object.values(GATEWAY_PROBLEMS)];
  const codes = [...Object.values(REFUSALS), ...product].map(({ code }) => code);
  expect(new Set([...codes, 'request_refused'])).toEqual(new Set(PRODUCT_CODES));
});

describe('is refused with a sentence', () => {
  const circle: Record<string, unknown> = {};
  circle.again = circle;
  const template = (value: unknown) => ({ template: value });
  const wordFor = (detail: unknown) => ({ by_status: { '401': { detail } } });
  test.each<[string, unknown, string]>([
    ['errors that are no object', [], 'errors must be an object.'],
    ['a field that does not exist', { body: {} }, 'errors.body must be left out'],
    ['a template that is a list', template([]), 'errors.template must be a JSON object.'],
    ['a template that is a text', template('{detail}'), 'errors.template must be a JSON object.'],
    ['a template that is null', template(null), 'errors.template must be a JSON object.'],
    ['a field that no error has', template({ a: [{ b: 'x {tenant}' }] }), 'there is no {tenant} (at a.0.b).'],
    [
      'a field of another spelling',
      template({ a: '{ status }' }),
      'there is no { status } (at a) (did you mean {status}?).',
    ],
    [
      'a field that is misspelt',
      template({ a: '{titel}' }),
      'there is no {titel} (at a) (did you mean {title}?).',
    ],
    [
      'a brace that is not closed',
      template({ a: '{status' }),
      'stand around the name of a field only (at a).',
    ],
    ['a brace that is not opened', template({ a: ['status}'] }), 'around the name of a field only (at a.0).'],
    ['a field as a name', template({ '{code}': 1 }), 'fields have fixed names'],
    ['the name __proto__', template(JSON.parse('{"__proto__":{}}')), 'fields have fixed names'],
    [
      'a request’s header',
      template({ a: '$method.request.header.X' }),
      'without $, which API Gateway would fill in',
    ],
    ['a request’s address', template({ a: { b: 'from $context.identity.sourceIp' } }), 'without $'],
    ['a value that is no JSON', template({ a: undefined }), 'of JSON values (at a).'],
    ['a number that is no JSON', template({ a: Number.NaN }), 'of JSON values (at a).'],
    ['a template that holds itself', template(circle), 'at most 8 levels.'],
    ['more than an environment holds', template({ a: 'é'.repeat(1_024) }), 'must be at most 2048 bytes'],
    [
      'a status below 400',
      { by_status: { '399': {} } },
      'errors.by_status.399 must be a status from 400 to 599.',
    ],
    ['a status above 599', { by_status: { '600': {} } }, 'must be a status from 400 to 599.'],
    ['a class of statuses', { by_status: { '4XX': {} } }, 'must be a status from 400 to 599.'],
    ['a list of statuses', { by_status: [] }, 'an object whose names are statuses'],
    ['a code that nobody sends', { by_code: { nobody: {} } }, 'must be one of the codes unauthorized,'],
    [
      'a code that is misspelt',
      { by_code: { unauthorised: {} } },
      'request_refused (did you mean unauthorized?).',
    ],
    ['a code that every object has', { by_code: { constructor: {} } }, 'names are among the codes'],
    [
      'a template for a code',
      { by_code: { forbidden: { template: {} } } },
      'forbidden.template must be left out',
    ],
    [
      'words that are empty',
      wordFor(''),
      'errors.by_status.401.detail must be a text of 1 to 200 characters',
    ],
    ['words that are too long', wordFor('x'.repeat(201)), 'a text of 1 to 200 characters'],
    ['words of two lines', wordFor('one\ntwo'), 'a text of 1 to 200 characters'],
    ['words with a field', wordFor('Needs {required_scope}'), 'without $, { and }'],
    ['words with a variable', wordFor('$context.path'), 'without $, { and }'],
    ['words that are no text', wordFor(401), 'a text of 1 to 200 characters'],
  ])('%s', (_, errors, sentence) => {
    expect(complaintOf(errors)).toMatch(/^The profile's errors[\w.]* must be [^\n]+\.$/);
    expect(complaintOf(errors)).toContain(sentence);
  });
});
