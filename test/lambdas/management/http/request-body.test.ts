import { isUtf8 } from 'node:buffer';
import { expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import fc from 'fast-check';
import * as v from 'valibot';
import { ProblemError } from '../../../../lambdas/http/problem.ts';
import { readBody, readOptionalBody } from '../../../../lambdas/management/http/request-body.ts';

const schema = v.strictObject({ name: v.optional(v.string()) });

/** As API Gateway hands a body on: decoded, or in base64 where an API takes its type for binary. */
const decoded = (bytes: Buffer) => ({ body: bytes.toString('utf8'), isBase64Encoded: false });
const encoded = (bytes: Buffer) => ({ body: bytes.toString('base64'), isBase64Encoded: true });

const read = (sent: object) => readBody(sent as APIGatewayProxyEvent, schema).name;

function refusalOf(sent: object): string | undefined {
  try {
    read(sent);
  } catch (error) {
    if (error instanceof ProblemError) return `${error.problem.status} ${error.problem.detail}`;
    throw error;
  }
  return undefined;
}

test('a body is read as UTF-8, however it is handed on, and one byte order mark before it is skipped', () => {
  for (const name of ['café', '漢字 🔑', '\ufeff']) {
    const json = JSON.stringify({ name });
    for (const text of [json, `\ufeff${json}`])
      for (const hand of [decoded, encoded]) expect(read(hand(Buffer.from(text)))).toBe(name);
  }
  expect(refusalOf(decoded(Buffer.from('\ufeff\ufeff{}')))).toBe('400 body must be a JSON object.');
  expect(readOptionalBody(decoded(Buffer.from('\ufeff')) as APIGatewayProxyEvent, schema)).toEqual({});
});

test('a body that is no UTF-8 is refused, however it is handed on', () => {
  const json = JSON.stringify({ name: 'café' });
  const broken = [
    ...[Buffer.from(json, 'latin1'), Buffer.from(`\ufeff${json}`, 'utf16le')],
    // A byte alone, a character that is too long, half of a surrogate pair, and what is beyond Unicode.
    ...['ff', 'e282', 'c0af', 'eda080', 'f4908080'].map((hex) =>
      Buffer.concat([Buffer.from('{"name":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')]),
    ),
  ];
  for (const bytes of broken)
    for (const hand of [decoded, encoded]) expect(refusalOf(hand(bytes))).toBe('400 body must be UTF-8.');
  expect(refusalOf({ body: '{"name":"\ud800"}', isBase64Encoded: false })).toBe('400 body must be UTF-8.');
});

test('whatever bytes stand in a body, they are read as the UTF-8 that they are, or refused', () => {
  const inText = (bytes: Uint8Array) => Buffer.concat([Buffer.from('{"name":"'), bytes, Buffer.from('"}')]);
  // Neither a control character, nor what ends or escapes the text.
  const byte = fc.integer({ min: 0x20, max: 0xff }).filter((value) => value !== 0x22 && value !== 0x5c);
  const anyBytes = fc.array(byte, { maxLength: 6 }).map((values) => Uint8Array.from(values));
  const characters = fc
    .string({ unit: 'binary', maxLength: 6 })
    .map((text) => Buffer.from(JSON.stringify(text).slice(1, -1)));
  fc.assert(
    fc.property(fc.oneof(anyBytes, characters), (bytes) => {
      const body = inText(bytes);
      const refusal = isUtf8(bytes) ? undefined : '400 body must be UTF-8.';
      expect(refusalOf(encoded(body))).toBe(refusal);
      if (!body.toString('utf8').includes('\ufffd')) expect(refusalOf(decoded(body))).toBe(refusal);
      if (refusal === undefined) expect(read(encoded(body))).toBe(JSON.parse(body.toString('utf8')).name);
    }),
    { numRuns: 500 },
  );
});

test('a replacement character is text where it is known to have been sent: escaped, or in base64', () => {
  const sent = Buffer.from(JSON.stringify({ name: '\ufffd' }));
  expect(read(encoded(sent))).toBe('\ufffd');
  expect(read(decoded(Buffer.from('{"name":"\\ufffd"}')))).toBe('\ufffd');
  // What API Gateway has decoded may have been any bytes.
  expect(refusalOf(decoded(sent))).toBe('400 body must be UTF-8.');
});
