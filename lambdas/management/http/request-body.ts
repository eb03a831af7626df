import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { describeFieldIssue, isObject, type JsonObject } from '../../../core/text/invalid-input.ts';
import { invalidRequest, ProblemError } from '../../http/problem.ts';

export const LONGEST_BODY_BYTES = 65_536;

/** An unknown field is named in the answer only if it looks like a name: any other text may be a secret. */
const SHOWN_FIELD = /^[\w.]{1,32}$/;

/**
 * Reads a JSON body by a schema.
 * @throws {ProblemError} 413 for a body that is too long. 400 for one that is not UTF-8 or does not fit the schema; it names
 * the field and what was expected, and never repeats a value.
 */
export function readBody<Schema extends v.GenericSchema>(
  event: APIGatewayProxyEvent,
  schema: Schema,
): v.InferOutput<Schema> {
  return parseWith(schema, parseObject(bodyText(event)));
}

/** As {@link readBody}, for a body whose fields tell which schema it has to fit. */
export function readChosenBody<Schema extends v.GenericSchema>(
  event: APIGatewayProxyEvent,
  choose: (unverifiedBody: JsonObject) => Schema,
): v.InferOutput<Schema> {
  const unverifiedBody = parseObject(bodyText(event));
  return parseWith(choose(unverifiedBody), unverifiedBody);
}

/** As {@link readBody}, for requests that need no body: an absent body counts as an empty object. */
export function readOptionalBody<Schema extends v.GenericSchema>(
  event: APIGatewayProxyEvent,
  schema: Schema,
): v.InferOutput<Schema> {
  const text = bodyText(event);
  return parseWith(schema, text === '' ? {} : parseObject(text));
}

function bodyText({ body, isBase64Encoded }: APIGatewayProxyEvent): string {
  const sent = body ?? '';
  const bytes = Buffer.from(sent, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > LONGEST_BODY_BYTES) {
    throw new ProblemError({
      status: 413,
      title: 'Content Too Large',
      code: 'body_too_large',
      detail: `body must be at most ${LONGEST_BODY_BYTES} bytes.`,
      members: { field: 'body', expected: `at most ${LONGEST_BODY_BYTES} bytes` },
    });
  }
  // Where API Gateway has decoded the body, it has put replacement characters for bytes that are not UTF-8.
  if (!isBase64Encoded && (sent.includes('\uFFFD') || !sent.isWellFormed())) throw notUtf8();
  try {
    return UTF8.decode(bytes);
  } catch {
    throw notUtf8();
  }
}

/** Skips a byte order mark. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function notUtf8(): ProblemError {
  return invalidRequest('body', 'UTF-8');
}

function parseObject(text: string): JsonObject {
  let unverifiedBody: unknown;
  try {
    unverifiedBody = JSON.parse(text);
  } catch {
    throw invalidRequest('body', 'a JSON object');
  }
  if (!isObject(unverifiedBody)) throw invalidRequest('body', 'a JSON object');
  return unverifiedBody;
}

function parseWith<Schema extends v.GenericSchema>(
  schema: Schema,
  unverifiedBody: JsonObject,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, unverifiedBody, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const { field, expected } = describeFieldIssue(parsed.issues[0], schema);
  if (!SHOWN_FIELD.test(field)) throw invalidRequest('body', UNKNOWN_FIELDS);
  throw invalidRequest(field, expected);
}

const UNKNOWN_FIELDS = 'an object of known fields';

/** Says as a sentence why one part of a body does not fit its schema. It never repeats a value. */
export function describeMismatch(issue: v.BaseIssue<unknown>, schema: v.GenericSchema): string {
  const { field, expected } = describeFieldIssue(issue, schema);
  if (field === 'body' || !SHOWN_FIELD.test(field)) return `The row must be ${UNKNOWN_FIELDS}.`;
  return `${field} must be ${expected}.`;
}
