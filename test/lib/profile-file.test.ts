import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadProfile } from '../../lib/profile-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-profile-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const standard = readFileSync(loadProfile('standard').path, 'utf8');

function fileCalled(fileName: string): string {
  const path = join(folder, fileName);
  writeFileSync(path, standard);
  return path;
}

test('a profile is loaded from wherever it is, under its own name', () => {
  const path = fileCalled('standard.json');
  expect(loadProfile(path)).toEqual({ profile: loadProfile('standard').profile, path });
});

test.each(['orders.json', 'Standard.json', 'standard', 'standard.json.json', 'standard.jsonc', '.json'])(
  'a profile that calls itself otherwise than its file, %s, is refused',
  (fileName) => {
    const path = fileCalled(fileName);
    expect(() => loadProfile(path)).toThrow(
      `The profile in ${path} calls itself standard: call the file standard.json, or change its name.`,
    );
  },
);
