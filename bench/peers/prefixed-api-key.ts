import prefixed from 'prefixed-api-key';
import type { Peer } from '../peer.ts';

/** Keys of prefixed-api-key, looked up in a Map by their short token, as its README does with a table. */
export async function prefixedApiKey(keyCount: number): Promise<Peer> {
  const hashes = new Map<string, string>();
  const keys: string[] = [];
  for (let index = 0; index < keyCount; index += 1) {
    // The default of eight characters may repeat among so many keys.
    const key = await prefixed.generateAPIKey({ keyPrefix: 'kw', shortTokenLength: 12 });
    if (key.token === undefined) throw new Error('prefixed-api-key has issued no key.');
    hashes.set(key.shortToken, key.longTokenHash);
    keys.push(key.token);
  }
  const isValid = (key: string) => {
    const hash = hashes.get(prefixed.extractShortToken(key));
    return hash !== undefined && prefixed.checkAPIKey(key, hash);
  };
  return { keys, isValid, close: () => {} };
}
