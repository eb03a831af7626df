import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { secretPatternsOf } from '../../../core/profile/secret-pattern.ts';
import { profile } from '../../standard-profile.ts';
import { keyTypeWith, OLDER, textOf } from '../credential/older-keys.ts';

const HEADER = { kind: 'header', header: 'x-acme-key' } as const;
const found = (pattern: string | undefined, text: string) => new RegExp(pattern ?? '').exec(text)?.[1];

test.each(Object.values(OLDER).map((shape) => [shape.name, shape] as const))(
  'a secret scanner finds keys of an accepted shape as a whole: %s',
  (_, shape) => {
    const product = { ...profile, presentation: HEADER, apiKey: keyTypeWith(shape) };
    const secret = secretPatternsOf(product).at(-1);
    expect(secret).toMatchObject({ kind: 'api_key', shape: shape.name });
    const { regex, keyword = '' } = secret?.pattern ?? {};
    fc.assert(
      fc.property(textOf(shape.format), (key) => {
        for (const text of [
          `x-acme-key: ${key}`,
          `{"X-ACME-KEY":"${key}","id":1}`,
          `x-acme-key=${key}\nmore`,
        ]) {
          expect(found(regex, text)).toBe(key);
          expect(text.toLowerCase()).toContain(keyword);
        }
        expect(found(regex, `x-acme-key: ${key.slice(0, shape.format.prefix.length + 10)} `)).toBeUndefined();
      }),
    );
  },
);

test('no pattern finds keys without a prefix that are sent as any bearer token', () => {
  const product = { ...profile, apiKey: keyTypeWith(OLDER.apiGateway) };
  expect(secretPatternsOf(product).at(-1)).toEqual({ kind: 'api_key', shape: 'api-gateway' });
  expect(secretPatternsOf(product)).toHaveLength(3);
});

test('the pattern of issued keys is the one that the page about leaks shows, whatever the profile accepts', () => {
  const page = readFileSync(new URL('../../../docs/leaks.md', import.meta.url), 'utf8');
  const product = { ...profile, apiKey: keyTypeWith(OLDER.unkey, OLDER.bcrypt) };
  const [issued] = secretPatternsOf(product);
  expect(page).toContain(issued?.pattern?.regex);
});
