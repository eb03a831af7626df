import type { RunningPostgres } from './postgres.ts';

/** Another library that verifies API keys, set up and ready. */
export interface Peer {
  /** The keys that it has issued. */
  readonly keys: readonly string[];
  isValid(key: string): Promise<boolean> | boolean;
  close(): Promise<void> | void;
}

interface BetterAuth {
  betterAuthInMemory(keyCount: number): Promise<Peer>;
  /** @param file of the SQLite database, which is made. */
  betterAuthOnSqlite(file: string, keyCount: number): Promise<Peer>;
  betterAuthOnPostgres(
    postgres: RunningPostgres,
    options: { readonly keyCount: number; readonly connections: number },
  ): Promise<Peer>;
}

interface PrefixedApiKey {
  prefixedApiKey(keyCount: number): Promise<Peer>;
}

/**
 * Peers are installed only in `bench/`, so they are imported when they are needed. The type check of the repository runs
 * without them.
 */
export const loadBetterAuth = (): Promise<BetterAuth> => load('better-auth');
export const loadPrefixedApiKey = (): Promise<PrefixedApiKey> => load('prefixed-api-key');

async function load<T>(name: string): Promise<T> {
  try {
    return await import(new URL(`peers/${name}.ts`, import.meta.url).href);
  } catch (cause) {
    throw new Error(`${name} cannot be loaded; \`npm ci --prefix bench\` installs it.`, { cause });
  }
}
