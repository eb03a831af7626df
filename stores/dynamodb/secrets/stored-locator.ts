import { isDigest, type SecretLocator } from '../../../core/credential/secret.ts';

declare const stored: unique symbol;

/** A locator as items hold it: a digest in base64url, since the texts of DynamoDB are UTF-8; a place under a look-up prefix as it is. */
export type StoredLocator = string & { readonly [stored]: 'locator' };

export function storedLocator(locator: SecretLocator): StoredLocator {
  const text = isDigest(locator) ? Buffer.from(locator, 'binary').toString('base64url') : locator;
  return text as string as StoredLocator;
}

/** The digest that an item holds: the way back from {@link storedLocator}. */
export function storedDigest(locator: StoredLocator): SecretLocator {
  return Buffer.from(locator, 'base64url').toString('binary') as SecretLocator;
}
