import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { constructPage } from '../../bin/construct-page.ts';
import { readConstructs } from '../../bin/construct-reference.ts';
import { ROOT } from './processes.ts';

const constructs = readConstructs();

test('the reference of the constructs is up to date with their docstrings: npm run construct-reference writes it', () => {
  // The formatter widens columns.
  const narrow = (page: string) => page.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---');
  expect(narrow(readFileSync(join(ROOT, 'docs/constructs.md'), 'utf8'))).toBe(narrow(constructPage()));
});

test('every prop, field and method of an export says what it is, and every one that is optional its default', () => {
  const names = constructs.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['Keyward', 'KeywardProps', 'KeyAuthorizer', 'IKeyTables']));
  const silent = constructs.flatMap(({ name, kind, members }) =>
    members
      .filter(
        (member) => member.purpose === '' && (kind === 'interface' || /\(|^get /.test(member.signature)),
      )
      .map((member) => `${name}.${member.name} has no docstring`),
  );
  const undecided = constructs.flatMap(({ name, members }) =>
    members
      .filter((member) => member.isOptional && member.default === undefined)
      .map((member) => `${name}.${member.name} has no @default`),
  );
  expect([...silent, ...undecided]).toEqual([]);
});
