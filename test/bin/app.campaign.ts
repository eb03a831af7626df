import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { endOf } from './command-line.ts';
import { run } from './processes.ts';

const outdir = mkdtempSync(join(tmpdir(), 'keyward-app-'));
const temporary = mkdtempSync(join(tmpdir(), 'keyward-app-'));
afterAll(() => {
  for (const folder of [outdir, temporary]) rmSync(folder, { recursive: true });
});

/** As the CDK's command line starts the app, with the context that it has read and been given. */
function synthesize(context: object, variables: Record<string, string> = { CDK_OUTDIR: outdir }) {
  const own = { PATH: process.env.PATH, CDK_CONTEXT_JSON: JSON.stringify(context), TMPDIR: temporary };
  const env = { ...own, ...variables };
  return endOf(run(process.execPath, ['bin/app.ts'], env));
}

test('a mistake in the context is one sentence, and nothing is synthesized', async () => {
  const { code, stdout, stderr } = await synthesize({ profle: 'supertone' });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^keyward: The context value profle is not known\. The settings of a deployment stand in .+\.\n$/,
  );
  expect(readdirSync(outdir)).toEqual([]);
});

test('an app that is run by itself leaves nothing in the temporary folder', async () => {
  expect(await synthesize({ deployment: 'nowhere.json' }, {})).toMatchObject({ code: 1 });
  expect(readdirSync(temporary)).toEqual([]);
});
