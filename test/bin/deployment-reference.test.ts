import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { deploymentFieldsPage, deploymentJsonSchema } from '../../bin/deployment-reference.ts';
import { ROOT } from './processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const isDeployment = new Ajv({ allErrors: true }).compile(deploymentJsonSchema());

test('the schema for editors is up to date with the rules: npm run file-reference writes it', () => {
  expect(JSON.parse(read('lib/deployment.schema.json'))).toEqual(deploymentJsonSchema());
});

test('the table of fields is up to date with the rules: npm run file-reference writes it', () => {
  // The formatter widens columns.
  const narrow = (page: string) => page.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---');
  expect(narrow(read('docs/settings-fields.md'))).toBe(narrow(deploymentFieldsPage()));
});

test('the schema accepts the file of this repository and every example in the documentation', () => {
  const pages = ['docs/settings.md', 'docs/deploying.md', 'docs/upgrading.md'].map(read);
  const examples = pages.flatMap((page) =>
    [...page.matchAll(/```json file=keyward\.json\n(.*?)```/gs)].map(([, json = '']) => json),
  );
  expect(examples.length).toBeGreaterThan(4);
  for (const text of [read('keyward.json'), ...examples])
    expect([text, isDeployment(JSON.parse(text))]).toEqual([text, true]);
});

test.each<[string, object]>([
  ['no profile', { profile: undefined }],
  ['an unknown field', { mfa: 'required' }],
  ['a wrong type', { sample: 'true' }],
  ['a number out of bounds', { events: { retention_days: 29 } }],
  ['a field of another kind of sign-in', { sign_in: { kind: 'cognito', issuer: 'https://a.example' } }],
])('the schema refuses %s', (_, change) => {
  expect(isDeployment(JSON.parse(JSON.stringify({ profile: 'standard', ...change })))).toBe(false);
});
