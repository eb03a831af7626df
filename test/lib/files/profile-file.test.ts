import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadProfile, readProfileFile } from '../../../lib/files/profile-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-profile-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const standard = readFileSync(loadProfile('standard').path, 'utf8');

function fileCalled(fileName: string): string {
  const path = join(folder, fileName);
  writeFileSync(path, standard);
  return path;
}

test('a profile can be loaded from any path, under its own name', () => {
  const path = fileCalled('standard.json');
  expect(loadProfile(path)).toEqual({ ...loadProfile('standard'), path });
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

test.each<[string, Buffer]>([
  ['UTF-16 with a mark', Buffer.from(`\uFEFF${standard}`, 'utf16le')],
  ['UTF-16 without one', Buffer.from(standard, 'utf16le')],
  ['Latin-1', Buffer.from(standard.replace('Read access', 'Zugriff für Leser'), 'latin1')],
])('a file in %s is refused as such, with nothing else', (_, bytes) => {
  const path = join(folder, 'standard.json');
  writeFileSync(path, bytes);
  expect(readProfileFile(path)).toEqual({
    kind: 'mistakes',
    mistakes: [{ line: 1, column: 1, sentence: 'The file is not UTF-8.' }],
  });
  expect(() => loadProfile(path)).toThrow(`The file is not UTF-8. See line 1, column 1 of ${path}.`);
});

test('a UTF-8 byte order mark is named in the error', () => {
  const path = join(folder, 'standard.json');
  writeFileSync(path, `\uFEFF${standard}`);
  expect(() => loadProfile(path)).toThrow('The file starts with a byte order mark');
});

test('a file that cannot be read is refused with the reason', () => {
  expect(() => loadProfile(`${folder}/`)).toThrow(`${folder} is a folder, not a file.`);
  const missing = join(folder, 'missing.json');
  expect(() => loadProfile(missing)).toThrow(`There is no file ${missing}.`);
  expect(() => loadProfile('standrad')).toThrow('; did you mean standard?');
  const circle = join(folder, 'circle.json');
  symlinkSync(circle, circle);
  expect(() => loadProfile(circle)).toThrow(`The file ${circle} cannot be read (ELOOP).`);
});

test('the printed command that lists all mistakes can be pasted, whatever the file is called', () => {
  const path = join(folder, "my file's.json");
  writeFileSync(path, '{}');
  const pasted = `${folder}/my file'\\''s.json`;
  expect(() => loadProfile(path)).toThrow(`\`keyward profile check '${pasted}'\` tells all.`);
});
