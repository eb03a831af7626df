import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { importFileToTables } from '../../bin/import/import-file.ts';
import { addImportOptions } from '../../bin/import/import-options.ts';
import { bootstrap } from '../../bin/operator.ts';
import { parseProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { verify } from '../../core/verification/verify.ts';
import { createBcryptCache } from '../../core/verification/verify-bcrypt.ts';
import { bcrypt } from '../../lambdas/bundle-choices/verifiers-bcrypt.ts';
import {
  dynamoBcryptSecretStore,
  dynamoVerificationStore,
} from '../../stores/dynamodb/secrets/verification-store.ts';
import { CLAIM } from '../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { blocksOf, ROOT } from './blocks.ts';

/** The texts of the keys on each page whose hashes, or which themselves, stand in the sample; and the lines that are skipped. */
const SAMPLES = {
  'docs/migrate/unkey.md': {
    texts: ['acme_3ZaHqMbR7pLkXv9TsWyFdC', 'acme_3ZbJrNcS8qMmYw1UtXzGeD'],
    verdicts: ['allow', 'allow'],
    skipped: [],
    unchecked: 0,
  },
  'docs/migrate/better-auth.md': {
    texts: [`acme_${'AbCdEfGh'.repeat(8)}`, `acme_${'hGfEdCbA'.repeat(8)}`],
    // The second key has no name, which the product standard requires.
    verdicts: ['allow', 'unknown'],
    skipped: [3],
    unchecked: 0,
  },
  'docs/migrate/api-gateway.md': {
    texts: ['q9Zs1KpX7vMt4RbY0nLc8HdW2fJg6TaUe3QiVo5B'],
    verdicts: ['allow'],
    skipped: [2],
    unchecked: 0,
  },
  'docs/migrate/home-made-table.md': {
    texts: [
      'hm_live_0f1e2d3c4b5a69788796a5b4c3d2e1f00011223344556677',
      'hm_old_Xk3q9PzLw7RtYb2NvHs5Jd8Fg4Mc6Ka1Qe0Ui-_OoWy',
    ],
    verdicts: ['allow', 'allow'],
    skipped: [],
    unchecked: 1,
  },
} as const;

let tables: TestTables;
let folder: string;
beforeAll(async () => {
  tables = await createTables();
  folder = mkdtempSync(join(tmpdir(), 'keyward-migrate-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await tables.release();
});

/** The profile `standard`, which also accepts what the page says. */
function profileOf(page: string): Profile {
  const block = blocksOf(page).find(({ language, mark }) => language === 'json' && mark === '');
  const { accepts } = JSON.parse(block?.text ?? '');
  const standard = JSON.parse(readFileSync(join(ROOT, 'profiles/standard.json'), 'utf8'));
  return parseProfile({ ...standard, api_key: { ...standard.api_key, accepts } });
}

/** Reads the page's command as commander would: the file, the workspace and the options of the import. */
function readCommand(page: string) {
  const text =
    blocksOf(page).find((block) => block.text.startsWith('npm run keyward -- keys import'))?.text ?? '';
  const [, , , , , , ...words] = text.split(' ');
  const command = new Command()
    .argument('<file>')
    .requiredOption('--workspace <slug>')
    .option('--profile <name>');
  const read = addImportOptions(command);
  command.parse(words, { from: 'user' });
  return { options: read(), file: String(command.args[0]), workspace: String(command.opts().workspace) };
}

function writeSample(page: string, file: string): string {
  const block = blocksOf(page).find(({ mark }) => mark === `file=${file}`);
  if (block === undefined) throw new Error(`${page} shows no ${file}.`);
  const path = join(folder, file);
  writeFileSync(path, `${block.text}\n`);
  return path;
}

test.each(Object.entries(SAMPLES))(
  'what %s shows is imported by its command, and the keys work',
  async (page, sample) => {
    const profile = profileOf(page);
    const { options, file, workspace } = readCommand(page);
    const slug = `${workspace}-${basename(page, '.md')}`;
    await bootstrap(tables, { slug, name: 'Acme', plan: 'free', ownerId: 'usr_owner' });
    const told: string[] = [];
    const counts = await importFileToTables(
      { ...options, path: writeSample(page, file), write: (text) => told.push(text), now: () => 0 },
      { tables, profile, workspace: slug, maxKeysPerMember: 500 },
    );
    const { texts, verdicts, skipped } = sample;
    const lines = told.filter((line) => line.startsWith('line '));
    expect(lines.map((line) => Number(/^line (\d+): .+\.\n$/.exec(line)?.[1]))).toEqual(skipped);
    // The page says so of a row that has a hash alone.
    expect(told.filter((line) => line.startsWith('Look at the shapes: 1 row has ')).length).toBe(
      sample.unchecked,
    );
    expect(told.length).toBe(skipped.length + sample.unchecked);
    expect(counts.imported).toBe(verdicts.filter((verdict) => verdict === 'allow').length);
    const verification = {
      credentials: [profile.apiKey],
      store: dynamoVerificationStore(tables),
      tracking: 'nothing',
      bcrypt: { store: dynamoBcryptSecretStore(tables), bcrypt, cache: createBcryptCache(Buffer.alloc(32)) },
    } as const;
    const found = [];
    for (const text of texts) {
      const verdict = await verify(verification, text, CLAIM);
      found.push(verdict.kind === 'allow' ? 'allow' : verdict.code);
    }
    expect(found).toEqual(verdicts);
  },
);
