import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addMember, bootstrap, revokeKeyAsOperator } from '../../../bin/operator.ts';
import { generateKey } from '../../../core/credential/key-text.ts';
import { verify } from '../../../core/verification/verify.ts';
import { loadProfile, pathOfProfile } from '../../../lib/files/profile-file.ts';
import type { KeyRecord } from '../../../stores/dynamodb/keys/key-item.ts';
import { dynamoVerificationStore } from '../../../stores/dynamodb/secrets/verification-store.ts';
import { countItems } from '../../../stores/dynamodb/table/query-pages.ts';
import { externalIdKey, keyKey, memberKeyKey, memberSlotKey } from '../../../stores/dynamodb/table/tables.ts';
import { randomFrom, scaled } from '../../campaigns/campaign.ts';
import { sha256Of } from '../../core/credential/older-keys.ts';
import { CLAIM, dump } from '../../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../../stores/dynamodb/tables.ts';

const KILLS = 10;
const ROWS = scaled({ part: 2_500, whole: 30_000 });
/** A member may have no more active keys. */
const PER_MEMBER = 400;
/** One row of so many is kept as bcrypt, and one is not valid. */
const EVERY = 25;

const random = randomFrom('killed imports');
const { profile } = loadProfile('standard');
const texts = Array.from({ length: ROWS }, () => generateKey(profile.apiKey.format, randomBytes));

let tables: TestTables;
let folder: string;
let file: string;
let profilePath: string;
beforeAll(async () => {
  tables = await createTables();
  await bootstrap(tables, { slug: 'acme', name: 'Acme', plan: 'free', ownerId: 'usr_owner' });
  for (let member = 0; member * PER_MEMBER < ROWS; member += 1)
    await addMember(tables, { workspace: 'acme', userId: `usr_${member}`, role: 'member' });
  folder = mkdtempSync(join(tmpdir(), 'keyward-import-'));
  file = join(folder, 'keys.jsonl');
  profilePath = join(folder, 'standard.json');
  const standard = JSON.parse(readFileSync(pathOfProfile('standard'), 'utf8'));
  const api_key = { ...standard.api_key, accepts: [OLDER_BCRYPT] };
  writeFileSync(profilePath, JSON.stringify({ ...standard, api_key, $schema: undefined }));
  writeFileSync(file, texts.map((text, index) => `${JSON.stringify(rowOf(text, index))}\n`).join(''));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await tables.release();
});

/** The shape of the keys that are kept as bcrypt, as a profile describes it. */
const OLDER_BCRYPT = {
  name: 'old',
  prefix: 'sk_old_',
  alphabet: 'base64url',
  min_length: 43,
  stored_as: 'bcrypt',
};

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

interface Counts {
  readonly rows: number;
  readonly imported: number;
  readonly present: number;
  readonly skipped: number;
}

/** Starts the command of the operator. @param report a file that is not there yet. */
function startImport(report: string): ChildProcess {
  const { AWS_ENDPOINT_URL_DYNAMODB, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } =
    tables.environment;
  const own = { AWS_ENDPOINT_URL_DYNAMODB, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
  const command = ['bin/keyward.mjs', 'operator', 'keys', 'import', file, '--workspace', 'acme', '--json'];
  const names = [tables.records, tables.secrets, tables.events, tables.managementKeys].join();
  const options = ['--tables', names, '--profile', profilePath, '--report', join(folder, report)];
  return spawn(process.execPath, [...command, ...options], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { PATH: process.env.PATH, ...own },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function countKeys(): Promise<number> {
  const { pk, sk: prefix } = keyKey('acme', '');
  return countItems(tables.client, { table: tables.records, pk, prefix, order: 'ascending' });
}

/** A process that has put further keys is killed within so many milliseconds. */
const LATEST_KILL_MS = 150;

async function importAndDie(kill: number): Promise<void> {
  const before = await countKeys();
  const child = startImport(`killed-${kill}`);
  const ended = once(child, 'exit');
  while ((await countKeys()) === before && child.exitCode === null) await wait(10);
  await wait(random() * LATEST_KILL_MS);
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  await waitForTheLast();
}

/** What the process had sent when it died may still be written. */
async function waitForTheLast(): Promise<void> {
  let counted = -1;
  for (let same = 0; same < 3; await wait(300)) {
    const next = await countKeys();
    same = next === counted ? same + 1 : 0;
    counted = next;
  }
}

/** @returns the counts, and the lines of the rows that were skipped. */
async function importWhole(report: string): Promise<{ counts: Counts; skipped: readonly number[] }> {
  const child = startImport(report);
  if (child.stdout === null) throw new Error('The process has no stdout.');
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect([code, printed]).toEqual([1, expect.stringMatching(/^\{.*\}\n$/)]);
  const lines = readFileSync(join(folder, report), 'utf8').trimEnd().split('\n');
  const skipped = lines.map((line) => JSON.parse(line)).filter(({ outcome }) => outcome === 'skipped');
  return {
    counts: JSON.parse(printed),
    skipped: skipped.map(({ line }) => line).sort((one, other) => one - other),
  };
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
    await importAndDie(kill);
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
  const valid = ROWS - invalid.length;
  expect(await importWhole('first')).toEqual({
    counts: { rows: ROWS, imported: valid - before, present: before, skipped: invalid.length },
    skipped: invalid,
  });
  expect(await importWhole('second')).toMatchObject({ counts: { imported: 0, present: valid } });
  const keys = await expectWholeKeys();
  expect(keys).toHaveLength(valid);
  expect(new Set(keys.flatMap(({ revokedAt, id }) => (revokedAt === null ? [] : [id])))).toEqual(revoked);
  expect(revoked.size).toBeGreaterThan(0);
  const idOf = new Map(keys.map(({ secrets, id }) => [String(secrets[0]?.locator), id]));
  const verification = {
    credentials: [profile.apiKey],
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
