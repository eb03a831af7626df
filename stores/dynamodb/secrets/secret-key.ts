import type { SecretLocator } from '../../../core/credential/secret.ts';
import type { ItemKey } from '../table/tables.ts';

/**
 * The key of a secret's item. All secrets that are stored as bcrypt and have the same look-up prefix share a partition, each
 * in a numbered slot. A digest in base64url holds no `#`, so the two are never confused.
 */
export function secretKey(locator: SecretLocator): ItemKey {
  const end = locator.lastIndexOf('#');
  if (end === -1) return { pk: locator, sk: 'KEY' };
  return { pk: locator.slice(0, end), sk: `KEY#${locator.slice(end + 1)}` };
}

/** The way back from {@link secretKey}. */
export function locatorOf({ pk, sk }: ItemKey): SecretLocator {
  return (sk === 'KEY' ? pk : `${pk}#${sk.slice('KEY#'.length)}`) as SecretLocator;
}

/** The slot of a secret that is stored as bcrypt, from the sort key of its item. */
export function slotOf(sk: string): number {
  const slot = /^KEY#(\d)$/.exec(sk)?.[1];
  if (slot === undefined)
    throw new Error(`An item under a look-up prefix has the sort key "${sk}", expected KEY# and a digit.`);
  return Number(slot);
}

export const prefixKey = (lookupPrefix: string) => `PREFIX#${lookupPrefix}`;

/** A token has one item of its own, and one more for each workspace that its user is in. */
export const tokenSecretKey = (locator: SecretLocator): ItemKey => ({ pk: locator, sk: 'TOKEN' });
export const tokenWorkspaceKey = (locator: SecretLocator, slug: string): ItemKey => ({
  pk: locator,
  sk: `WS#${slug}`,
});

/** A key in DynamoDB's own notation, as the bare client takes it. */
export function wireKey({ pk, sk }: ItemKey) {
  return { pk: { S: pk }, sk: { S: sk } };
}
