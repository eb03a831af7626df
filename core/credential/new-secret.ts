import type { RandomBytes } from './base62.ts';
import type { Bcrypt } from './bcrypt.ts';
import type { CredentialType } from './credential-type.ts';
import { digestOf, lookupPrefixOf, type SecretLocator, SLOTS_PER_PREFIX, slotLocator } from './digest.ts';
import { generateKey, startOf } from './key-text.ts';

/**
 * Makes a secret, and what a store keeps of it. One that is kept as bcrypt is given a place under its look-up prefix at
 * random; where that place is taken, the store says so, and another secret has to be made.
 * @param source.draw a cryptographically secure source, such as `randomBytes` of `node:crypto`.
 * @returns `text` is to be shown once and kept nowhere.
 */
export async function makeSecret(
  { format, storedAs }: Pick<CredentialType, 'format' | 'storedAs'>,
  { draw, bcrypt }: { readonly draw: RandomBytes; readonly bcrypt: Bcrypt },
): Promise<{ readonly text: string; readonly secret: NewSecret }> {
  const text = generateKey(format, draw);
  if (storedAs === 'sha256') {
    return { text, secret: { locator: digestOf(text), start: startOf(format, text), secretHash: null } };
  }
  const lookupPrefix = lookupPrefixOf(format, text);
  const [byte = 0] = draw(1);
  return {
    text,
    secret: {
      locator: slotLocator(lookupPrefix, byte % SLOTS_PER_PREFIX),
      // What is kept in the clear anyway may be shown.
      start: format.prefix + lookupPrefix,
      secretHash: await bcrypt.hash(text),
    },
  };
}

export interface NewSecret {
  readonly locator: SecretLocator;
  readonly start: string;
  /** The bcrypt hash by which it is proven; `null` where the locator is its digest and proves it. */
  readonly secretHash: string | null;
}
