import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readBackup } from '../../bin/backup-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-backup-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LINES = [
  '{"keyward_backup":1,"at":"2026-11-22T08:00:00.000Z"}',
  '{"table":"records","item":{"pk":{"S":"a"},"sk":{"S":"b"}}}',
  '{"table":"secrets","item":{"pk":{"S":"a"},"sk":{"S":"b"}}}',
  '{"complete":{"records":1,"secrets":1,"events":0}}',
];

function read(text: string) {
  const path = join(folder, 'copy.jsonl');
  writeFileSync(path, text);
  return readBackup(path);
}

const WHOLE = read(`${LINES.join('\n')}\n`);

test('a backup is read whatever ends its lines, and whatever blank lines stand behind them', async () => {
  const lineEnd = fc.constantFrom('\n', '\r\n');
  const blank = fc.array(fc.constantFrom(' ', '\t', '\n', '\r\n', '')).map((parts) => parts.join(''));
  expect((await WHOLE).items).toHaveLength(2);
  await fc.assert(
    fc.asyncProperty(lineEnd, blank, fc.boolean(), async (end, behind, hasEnd) => {
      const text = LINES.join(end) + (hasEnd ? end + behind : '');
      expect(await read(text)).toEqual(await WHOLE);
      expect(await read(`\uFEFF${text}`)).toEqual(await WHOLE);
    }),
    { numRuns: 50 },
  );
});

test('a torn, doubled or mixed backup is refused, whatever follows its last line', async () => {
  const texts = LINES.flatMap((_, index) => [
    LINES.toSpliced(index, 1),
    LINES.toSpliced(index, 0, ''),
    LINES.toSpliced(index, 1, LINES[index]?.slice(0, -1) ?? ''),
    LINES.toSpliced(index + 1, 0, LINES[index] ?? ''),
  ]);
  for (const lines of [...texts, [...LINES, ...LINES], [...LINES, LINES[1] ?? ''], [...LINES, 'x'], []])
    for (const behind of ['', '\n', '\r\n\r\n']) {
      const outcome = read(lines.join('\n') + behind);
      await expect(outcome).rejects.toThrow(/is no backup of Keyward|cannot be read|is not complete/);
    }
});

test('a backup of a moment that is no RFC 3339 time with a zone is refused, and the sentence says so', async () => {
  for (const at of [
    ...['2026-11-22 08:00:00', '2026-11-22T08:00:00', '2026-11-22', 'yesterday', ''],
    ...['2026-02-30T08:00:00Z', '2026-11-22T24:00:00Z', '2026-11-22T08:00:00+24:00'],
    ...[null, 1_795_334_400, { at: '2026-11-22T08:00:00Z' }],
  ])
    await expect(
      read([JSON.stringify({ keyward_backup: 1, at }), ...LINES.slice(1)].join('\n')),
    ).rejects.toThrow('is no time with a zone such as 2026-11-22T08:00:00Z');
});
