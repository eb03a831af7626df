import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addMember, bootstrap, revokeKeyAsOperator } from '../../../bin/operator.ts';
import { generateKey } from '../../../core/credential/key-text.ts';
import { verify } from '../../../core/verification/verify.ts';
import type { KeyRecord } from '../../../stores/dynamodb/keys/key-item.ts';
import { dynamoVerificationStore } from '../../../stores/dynamodb/secrets/verification-store.ts';
import { externalIdKey, keyKey, memberKeyKey, memberSlotKey } from '../../../stores/dynamodb/table/tables.ts';
import { randomFrom, scaled } from '../../campaigns/campaign.ts';
import { sha256Of } from '../../core/credential/older-keys.ts';
import { CLAIM, dump } from '../../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../../stores/dynamodb/tables.ts';
import { importedProfile } from './imported-profile.ts';

const KILLS = 10;
const ROWS = scaled({ part: 2_500, whole: 30_000 });
/** A member may have no more active keys. */
const PER_MEMBER = 400;
/** One row of so many is kept as bcrypt, and one is not valid. */
const EVERY = 25;

const random = randomFrom('killed imports');
const texts = Array.from({ length: ROWS }, () => generateKey(importedProfile.apiKey.format, randomBytes));

let tables: TestTables;
let folder: string;
let file: string;
beforeAll(async () => {
  tables = await createTables();
  await bootstrap(tables, { slug: 'acme', name: 'Acme', plan: 'free', ownerId: 'usr_owner' });
  for (let member = 0; member * PER_MEMBER < ROWS; member += 1)
    await addMember(tables, 'acme', `usr_${member}`, 'member');
  folder = mkdtempSync(join(tmpdir(), 'keyward-import-'));
  file = join(folder, 'keys.jsonl');
  writeFileSync(file, texts.map((text, index) => `${JSON.stringify(rowOf(text, index))}\n`).join(''));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await tables.release();
});

const isInvalid = (index: number) => index % EVERY === 7;
const isBcrypt = (index: number) => index % EVERY === 3;

function rowOf(text: string, index: number): object {
  const common = {
    name: isInvalid(index) ? '' : `key ${index}`,
    scopes: ['read:all'],
    created_by: `usr_${Math.floor(index / PER_MEMBER)}`,
    external_id: `customer-${index % 100}`,
    created_at: new Date(1_600_000_000_000 + index * 1_000).toISOString(),
  };
  if (!isBcrypt(index))
    return { ...common, hash: sha256Of(text, 'hex'), algorithm: 'sha256', shape: 'issued' };
  const hash = `$2b$10$${sha256Of(text, 'hex').slice(0, 53)}`;
  // Four rows share a look-up prefix, so that they also contend for its slots.
  const lookup_prefix = `sk_old_${String(Math.floor(index / EVERY / 4)).padStart(8, '0')}`;
  return { ...common, hash, algorithm: 'bcrypt', lookup_prefix };
}

interface Progress {
  readonly rows: number;
  readonly imported: number;
  readonly present: number;
  readonly skipped: number;
  readonly skippedLines?: readonly number[];
}

function startImport(): ChildProcess {
  const script = join(import.meta.dirname, 'import-process.ts');
  const { AWS_ACCESS_KEY_ID: id = '', AWS_ENDPOINT_URL_DYNAMODB: endpoint = '' } = tables.environment;
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, file, id, endpoint], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function* progressOf(child: ChildProcess): AsyncGenerator<Progress> {
  if (child.stdout === null) throw new Error('The process has no stdout.');
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
}

/** A process that has begun to import is killed within so many milliseconds. */
const LATEST_KILL_MS = 200;

async function importAndDie(): Promise<void> {
  const child = startImport();
  const ended = once(child, 'exit');
  for await (const { rows } of progressOf(child)) {
    if (rows > 0) continue;
    await wait(random() * LATEST_KILL_MS);
    child.kill('SIGKILL');
  }
  expect(await ended).toEqual([null, 'SIGKILL']);
}

async function importWhole(): Promise<Progress> {
  let last: Progress | undefined;
  const child = startImport();
  const ended = once(child, 'exit');
  for await (const progress of progressOf(child)) last = progress;
  expect(await ended).toEqual([0, null]);
  if (last === undefined) throw new Error('The import has told nothing.');
  return last;
}

/** Every key of the tables is whole: with its secret, its one event, its entries and its slot; and nothing is there beside. */
async function expectWholeKeys(): Promise<KeyRecord[]> {
  const records = await dump(tables, tables.records);
  const secrets = await dump(tables, tables.secrets);
  const events = (await dump(tables, tables.events)).filter(({ type }) => type === 'key.imported');
  const keys = records.filter(({ pk, sk }) => pk === keyKey('acme', '').pk && String(sk).startsWith('KEY#'));
  const nameOf = ({ pk, sk }: Record<string, unknown>) => `${pk} ${sk}`;
  const wanted = keys.flatMap((item) => {
    const { id, createdBy, memberPlace, externalId } = item as unknown as KeyRecord & { memberPlace: number };
    const user = createdBy ?? '';
    const own = [externalIdKey('acme', externalId ?? '', id), memberKeyKey('acme', user, id)];
    // A revocation frees the slot.
    return item.revokedAt === null ? [...own, memberSlotKey('acme', user, memberPlace)] : own;
  });
  const entries = records.filter(({ pk }) => /^EXTERNAL#|^WS#acme#MEMBER#/.test(String(pk))).map(nameOf);
  expect(entries.sort()).toEqual(wanted.map(nameOf).sort());
  expect(events.map(({ keyId }) => keyId).sort()).toEqual(keys.map(({ id }) => id).sort());
  expect(secrets.map(({ credentialId }) => credentialId).sort()).toEqual(keys.map(({ id }) => id).sort());
  return keys as unknown as KeyRecord[];
}

test(`an import that is killed ${KILLS} times and called again doubles nothing and revives nothing`, async () => {
  const revoked = new Set<string>();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await importAndDie();
    const keys = await expectWholeKeys();
    for (const { id } of keys.filter(() => random() < 3 / keys.length)) {
      await revokeKeyAsOperator(tables, { workspace: 'acme', id });
      revoked.add(id);
    }
  }
  const before = (await expectWholeKeys()).length;
  const invalid = texts.flatMap((_, index) => (isInvalid(index) ? [index + 1] : []));
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(ROWS - invalid.length);
  const counts = await importWhole();
  const valid = ROWS - invalid.length;
  expect(counts).toEqual({
    rows: ROWS,
    imported: valid - before,
    present: before,
    skipped: invalid.length,
    skippedLines: invalid,
  });
  expect(await importWhole()).toMatchObject({ rows: ROWS, imported: 0, present: valid });
  const keys = await expectWholeKeys();
  expect(keys).toHaveLength(valid);
  expect(new Set(keys.flatMap(({ revokedAt, id }) => (revokedAt === null ? [] : [id])))).toEqual(revoked);
  expect(revoked.size).toBeGreaterThan(0);
  const idOf = new Map(keys.map(({ secrets, id }) => [String(secrets[0]?.locator), id]));
  const verification = {
    credentials: [importedProfile.apiKey],
    store: dynamoVerificationStore(tables),
    tracking: 'nothing',
  } as const;
  for (const [index, text] of texts.entries()) {
    if (isInvalid(index) || isBcrypt(index)) continue;
    const verdict = await verify(verification, text, CLAIM);
    const id = idOf.get(sha256Of(text, 'base64url')) ?? '';
    const wanted = revoked.has(id) ? 'revoked' : `allow ${id}`;
    expect(verdict.kind === 'allow' ? `allow ${verdict.principal.credentialId}` : verdict.code).toBe(wanted);
  }
}, 1_800_000);
