import type { RunningPostgres } from './postgres.ts';

/** Another library that verifies API keys, ready to be asked. */
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
 * Peers are installed in `bench/` alone, so they are looked for when they are needed: the repository's types are checked
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
