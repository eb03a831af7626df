import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { profileFieldsPage, profileJsonSchema } from '../../bin/profile-reference.ts';
import { ROOT } from './processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const standard = () => JSON.parse(read('profiles/standard.json'));
const isProfile = new Ajv({ allErrors: true }).compile(profileJsonSchema());

test('the schema for editors is up to date with the rules: npm run file-reference writes it', () => {
  expect(JSON.parse(read('profiles/profile.schema.json'))).toEqual(profileJsonSchema());
});

test('the table of fields is up to date with the rules: npm run file-reference writes it', () => {
  // The formatter widens columns.
  const narrow = (page: string) => page.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---');
  expect(narrow(read('docs/profiles/fields.md'))).toBe(narrow(profileFieldsPage()));
});

test('the schema accepts every profile of the repository', () => {
  const files = globSync('profiles/*.json', { cwd: ROOT }).filter((file) => !file.endsWith('.schema.json'));
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) expect([file, isProfile(JSON.parse(read(file)))]).toEqual([file, true]);
});

test.each<[string, object]>([
  ['an unknown field', { raelm: 'standard' }],
  ['a wrong type', { max_active_keys: 'three' }],
  ['a number out of bounds', { max_active_keys: 0 }],
  ['a prefix with a hyphen', { api_key: { prefix: 'inv-live_', random_length: 30, checksum: true } }],
  ['a plan without a window', { rate_limits: { default_plan: 'free', plans: { free: { limit: 1 } } } }],
  [
    'no list where there must be one',
    { mcp: { path: '/', tools: [], public_methods: [], unauthorized_code: 401 } },
  ],
])('the schema refuses %s', (_, change) => {
  expect(isProfile({ ...standard(), ...change })).toBe(false);
});
