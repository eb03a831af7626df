import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { SLUG } from '../../core/access/identity.ts';
import { managementRoutesOf } from '../../core/management/route.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { describeApi } from '../../openapi/describe-api.ts';
import { PROBLEM_CODES } from '../../openapi/problems.ts';
import { PROFILES } from '../lib/role-reasons.ts';

const ROOT = join(import.meta.dirname, '..', '..');

async function complaintsOf(document: object): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
}

describe.each(PROFILES)('the description of the API of %s', (name) => {
  const { profile } = loadProfile(name);
  const description = describeApi(profile);

  test("is clean under Redocly's recommended rules", async () => {
    expect(await complaintsOf(description)).toEqual([]);
  });

  test('has every route of the product, its own, and no other', () => {
    const described = Object.entries(description.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = managementRoutesOf(profile).map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual([...routes, 'GET /openapi.json', 'GET /sign-in.json'].sort());
  });

  test('gives each thing one name, by which everything refers to it', () => {
    const { schemas, parameters } = description.components;
    for (const things of [schemas, parameters].map((named) =>
      Object.values(named).map((one) => JSON.stringify(one)),
    ))
      expect(things).toEqual([...new Set(things)]);
    const keys = { items: { $ref: '#/components/schemas/Key' } };
    expect(schemas.Keys).toMatchObject({ properties: { keys } });
  });

  test('speaks of personal access tokens only where there are any', () => {
    const text = JSON.stringify({ ...description, components: { ...description.components, schemas: {} } });
    expect(/pat_|personalAccessToken/.test(text)).toBe(profile.personalAccessTokens !== undefined);
  });
});

test.each<[string, (text: string) => string]>([
  [
    'an example that does not fit',
    (text) => text.replace('"overlap_seconds":3600', '"overlap_seconds":"3600"'),
  ],
  ['two operations of one name', (text) => text.replaceAll('"listKeys"', '"getKey"')],
  ['a parameter that no path has', (text) => text.replace('"name":"key"', '"name":"keys"')],
  ['a reference to nothing', (text) => text.replaceAll('schemas/IssuedKey', 'schemas/IssuedKeys')],
])('the linter finds %s', async (_, spoil) => {
  const text = JSON.stringify(describeApi(loadProfile('standard').profile));
  expect(spoil(text)).not.toBe(text);
  expect(await complaintsOf(JSON.parse(spoil(text)))).not.toEqual([]);
});

test('lengths are described where JSON Schema counts as the API does: an empty text is never a name or an id', () => {
  const { schemas } = describeApi(loadProfile('standard').profile).components;
  const fieldOf = (body: string, name: string) =>
    (schemas[body]?.properties as Record<string, unknown> | undefined)?.[name];
  expect(fieldOf('NewWorkspace', 'slug')).toMatchObject({ pattern: SLUG.source });
  expect(fieldOf('NewWorkspace', 'name')).toMatchObject({ minLength: 1 });
  expect(fieldOf('NewWorkspace', 'name')).not.toHaveProperty('maxLength');
  expect(fieldOf('NewKey', 'created_by')).toMatchObject({ minLength: 1, maxLength: 255 });
  expect(fieldOf('NewInvitation', 'email')).toMatchObject({ maxLength: 254 });
  expect(fieldOf('KeyRevocation', 'ids')).toMatchObject({ items: { minLength: 24, maxLength: 24 } });
});

test('a description knows every code of the page of problems, and no other', () => {
  const page = readFileSync(join(ROOT, 'docs', 'problems.md'), 'utf8');
  const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, code = '']) => code);
  expect(Object.keys(PROBLEM_CODES).sort()).toEqual(sections.sort());
});

test('docs/openapi.json is the description of standard: npm run api-description writes it', () => {
  const written = JSON.parse(readFileSync(join(ROOT, 'docs', 'openapi.json'), 'utf8'));
  expect(written).toEqual(JSON.parse(JSON.stringify(describeApi(loadProfile('standard').profile))));
});
