import { DatabaseSync } from 'node:sqlite';
import { apiKey } from '@better-auth/api-key';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { getMigrations } from 'better-auth/db/migration';
import { Pool } from 'pg';
import type { Peer } from '../peer.ts';
import type { RunningPostgres } from '../postgres.ts';

/** With its adapter for tests, which keeps rows in arrays and scans all of them. */
export async function betterAuthInMemory(keyCount: number): Promise<Peer> {
  const rows = { user: [], session: [], account: [], verification: [], apikey: [] };
  return issueKeys(optionsOn(memoryAdapter(rows)), keyCount);
}

/** On a file of Node's own SQLite in write-ahead mode, which is the fastest for a store that writes on every verification. */
export async function betterAuthOnSqlite(file: string, keyCount: number): Promise<Peer> {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  const options = optionsOn(database);
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  return { ...(await issueKeys(options, keyCount)), close: () => database.close() };
}

/** On PostgreSQL, set up as its documentation says: a pool of `pg`, with a connection for each caller. */
export async function betterAuthOnPostgres(
  { host, port, user, password, database }: RunningPostgres,
  { keyCount, connections }: { readonly keyCount: number; readonly connections: number },
): Promise<Peer> {
  const pool = new Pool({ host, port, user, password, database, max: connections });
  // A stopping server ends idle connections of the pool. A failed query reports its own error.
  pool.on('error', () => {});
  const options = optionsOn(pool);
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  return { ...(await issueKeys(options, keyCount)), close: () => pool.end() };
}

function optionsOn(database: BetterAuthOptions['database']) {
  return {
    database,
    baseURL: 'http://127.0.0.1',
    secret: 'a secret for measuring, of no use elsewhere',
    telemetry: { enabled: false },
    // Its default of ten requests a day would refuse almost all of them.
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  } satisfies BetterAuthOptions;
}

async function issueKeys(options: ReturnType<typeof optionsOn>, keyCount: number): Promise<Peer> {
  const auth = betterAuth(options);
  const { internalAdapter } = await auth.$context;
  const ada = { name: 'Ada', email: 'ada@example.com', emailVerified: true };
  const user = await internalAdapter.createUser(ada, { method: 'email-password' });
  const keys: string[] = [];
  for (let index = 0; index < keyCount; index += 1) {
    const { key } = await auth.api.createApiKey({ body: { name: `key ${index}`, userId: user.id } });
    keys.push(key);
  }
  const isValid = async (key: string) => (await auth.api.verifyApiKey({ body: { key } })).valid;
  return { keys, isValid, close: () => {} };
}
