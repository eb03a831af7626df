import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { writeClientTypes } from '../../openapi/client-types.ts';
import { type ApiDescription, describeApi } from '../../openapi/describe-api.ts';
import { describeEveryProduct } from '../../openapi/every-product.ts';
import { resolveParameter } from '../../openapi/parameters.ts';
import { typeOf } from '../../openapi/type-text.ts';
import { PROFILES } from '../lib/role-reasons.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('client/api.ts is made of the description: npm run api-client-types writes it', () => {
  const biome = join(ROOT, 'node_modules', '.bin', 'biome');
  const formatted = execFileSync(biome, ['format', '--stdin-file-path=client/api.ts'], {
    cwd: ROOT,
    input: writeClientTypes(),
    encoding: 'utf8',
  });
  expect(readFileSync(join(ROOT, 'client', 'api.ts'), 'utf8')).toBe(formatted);
});

/** The parameters of every operation, and the fields of every object, each as one line. */
function partsOf({ paths, components }: ApiDescription): string[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const { parameters = [] } = operation;
      const names = parameters.map((parameter) => resolveParameter(parameter, components.parameters).name);
      return [`${method} ${path}`, ...names.map((name) => `${method} ${path} ${name}`)];
    }),
  );
  return [...operations, ...fieldsIn(components.schemas, '')];
}

function fieldsIn(part: unknown, place: string): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => {
    if (name !== 'properties') return fieldsIn(value, /^\d+$/.test(name) ? place : `${place}.${name}`);
    return Object.entries(value).flatMap(([field, schema]) => [
      `${place} ${field}`,
      ...fieldsIn(schema, `${place} ${field}`),
    ]);
  });
}

describe.each(PROFILES)('the description of every product', (name) => {
  const every = new Set(partsOf(describeEveryProduct()).map(withoutChoice));

  test(`has every route, parameter and field of ${name}`, () => {
    const own = partsOf(describeApi(loadProfile(name).profile)).map(withoutChoice);
    expect(own.filter((part) => !every.has(part))).toEqual([]);
  });
});

/** What is one of several things in some products is one thing in others. */
function withoutChoice(part: string): string {
  return part.replaceAll(/\.(?:anyOf|oneOf)/g, '');
}

describe('a type', () => {
  const names = new Set(['name-of-a-product']);

  test('is any text where a product chooses the names', () => {
    expect(typeOf({ enum: ['name-of-a-product'] }, names)).toBe('string');
    expect(typeOf({ enum: ['owner', 'admin'] }, names)).toBe("'owner' | 'admin'".replaceAll("'", '"'));
  });

  test('is not guessed for a keyword that nobody has described', () => {
    expect(() => typeOf({ type: 'object', patternProperties: {} }, names)).toThrow('patternProperties');
    expect(() => typeOf({ allOf: [] }, names)).toThrow('allOf');
    expect(() => typeOf({}, names)).toThrow();
  });
});

test('a body whose field has the name of a parameter is refused, because one object holds both', () => {
  const description = JSON.parse(JSON.stringify(describeEveryProduct()));
  description.components.schemas.KeyChange.properties.workspace = { type: 'string' };
  expect(() => writeClientTypes(description)).toThrow('KeyChange stands beside the parameter workspace');
});
