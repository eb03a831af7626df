import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { deploymentFieldsPage, deploymentJsonSchema } from '../../bin/deployment-reference.ts';
import { profileFieldsPage, profileJsonSchema } from '../../bin/profile-reference.ts';
import { ROOT } from './processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Reference {
  readonly makeSchema: () => object;
  readonly schemaFile: string;
  readonly makePage: () => string;
  readonly pageFile: string;
  /** Texts of files that are valid, by where they stand. */
  readonly examples: () => readonly (readonly [place: string, text: string])[];
  /** A valid file, which each of the mistakes changes. */
  readonly valid: object;
  readonly mistakes: readonly (readonly [mistake: string, change: object])[];
}

const OF_PROFILES: Reference = {
  makeSchema: profileJsonSchema,
  schemaFile: 'profiles/profile.schema.json',
  makePage: profileFieldsPage,
  pageFile: 'docs/profiles/fields.md',
  examples: () =>
    globSync('profiles/*.json', { cwd: ROOT })
      .filter((file) => !file.endsWith('.schema.json'))
      .map((file) => [file, read(file)]),
  valid: JSON.parse(read('profiles/standard.json')),
  mistakes: [
    ['an unknown field', { raelm: 'standard' }],
    ['a wrong type', { max_active_keys: 'three' }],
    ['a number out of bounds', { max_active_keys: 0 }],
    ['a prefix with a hyphen', { api_key: { prefix: 'inv-live_', random_length: 30, checksum: true } }],
    ['a plan without a window', { rate_limits: { default_plan: 'free', plans: { free: { limit: 1 } } } }],
    [
      'no list where there must be one',
      { mcp: { path: '/', tools: [], public_methods: [], unauthorized_code: 401 } },
    ],
  ],
};

const OF_DEPLOYMENTS: Reference = {
  makeSchema: deploymentJsonSchema,
  schemaFile: 'lib/deployment.schema.json',
  makePage: deploymentFieldsPage,
  pageFile: 'docs/settings-fields.md',
  examples: () => [
    ['keyward.json', read('keyward.json')],
    ...['docs/settings.md', 'docs/deploying.md', 'docs/upgrading.md'].flatMap((page) =>
      [...read(page).matchAll(/```json file=keyward\.json\n(.*?)```/gs)].map(
        ([, text = '']) => [page, text] as const,
      ),
    ),
  ],
  valid: { profile: 'standard' },
  mistakes: [
    ['no profile', { profile: undefined }],
    ['an unknown field', { mfa: 'required' }],
    ['a wrong type', { sample: 'true' }],
    ['a number out of bounds', { events: { retention_days: 29 } }],
    ['a field of another kind of sign-in', { sign_in: { kind: 'cognito', issuer: 'https://a.example' } }],
  ],
};

describe.each([
  ['a profile', OF_PROFILES],
  ["a deployment's file", OF_DEPLOYMENTS],
])('of %s', (_, { makeSchema, schemaFile, makePage, pageFile, examples, valid, mistakes }) => {
  const isValid = new Ajv({ allErrors: true }).compile(makeSchema());

  test('the schema for editors is up to date with the rules: npm run file-reference writes it', () => {
    expect(JSON.parse(read(schemaFile))).toEqual(makeSchema());
  });

  test('the table of fields is up to date with the rules: npm run file-reference writes it', () => {
    // The formatter widens columns.
    const narrow = (page: string) => page.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---');
    expect(narrow(read(pageFile))).toBe(narrow(makePage()));
  });

  test('the schema accepts every file of the repository and every example in the documentation', () => {
    expect(examples().length).toBeGreaterThan(5);
    for (const [place, text] of examples()) expect([place, isValid(JSON.parse(text))]).toEqual([place, true]);
  });

  test.each(mistakes)('the schema refuses %s', (_mistake, change) => {
    expect(isValid(JSON.parse(JSON.stringify({ ...valid, ...change })))).toBe(false);
  });
});
