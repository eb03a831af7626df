import type { SecretLocator } from '../../../core/credential/secret.ts';
import { type KeyRecord, secretFieldsOf, toItem } from '../keys/key-item.ts';
import { deletableAt, REVOKED } from '../keys/key-secrets.ts';
import { numberOf, secretAttributes } from '../secrets/secret-item.ts';
import { locatorOf, tokenSecretKey, tokenWorkspaceKey } from '../table/tables.ts';
import { deletableWithToken } from '../tokens/token-secret-item.ts';
import type { Item } from './backup.ts';
import type { RestoredKey } from './restored-keys.ts';
import type { RestoredRecords } from './restored-records.ts';

/** The secrets of a copy as they may be put back. */
export interface RestoredSecrets {
  readonly items: readonly Item[];
  /** In force in the copy, and put back as revoked; by their ids. */
  readonly revoked: readonly string[];
  /** In force in the copy, and not put back, since no record knows them; by their ids. */
  readonly lost: readonly string[];
}

/**
 * A copy is no one moment: its secrets were read after its records, and may be more than those say. So what a secret may do
 * is written anew from its record, and only what no record tells is taken from the copy: who proves it, and how it was used.
 * @param now Unix seconds.
 */
export function restoreSecrets(
  copied: readonly Item[],
  records: RestoredRecords,
  now: number,
): RestoredSecrets {
  const tokenItems = new Map(copied.filter(isToken).map((item) => [item.pk?.S, item]));
  const isKnown = (id: string) => records.keys.has(id) || records.tokens.has(id);
  const restore = (item: Item): Item | undefined => {
    if (isTokenWorkspace(item))
      return restoreTokenWorkspace(item, tokenItems.get(item.pk?.S), { ...records, now });
    const id = credentialIdOf(item);
    const key = records.keys.get(id);
    if (key !== undefined) return restoreKeySecret(item, key, now);
    const token = records.tokens.get(id);
    return token?.isRevoked ? revoked(item, now) : token && item;
  };
  const items = copied.map(restore).filter((item) => item !== undefined);
  const inForce = copied.filter((item) => stateOf(item) !== undefined && stateOf(item) !== 'revoked');
  const ended = new Set(items.filter((item) => stateOf(item) === 'revoked').map(credentialIdOf));
  const ids = [...new Set(inForce.map(credentialIdOf))];
  return {
    items,
    revoked: ids.filter((id) => ended.has(id)),
    lost: ids.filter((id) => !isKnown(id)),
  };
}

/** @returns `undefined` for a secret that no change of the key would ever reach, as of a rotation begun after the record was read. */
function restoreKeySecret(item: Item, { record, before }: RestoredKey, now: number): Item | undefined {
  const locator = locatorOf({ pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' });
  const isOfKey = ({ secrets }: KeyRecord) => secrets.some((own) => own.locator === locator);
  // What a key has forgotten has ended at 0, whatever the clocks say, or was revoked.
  const isOver = item.expiresAt?.N === '0' || stateOf(item) === 'revoked';
  if (!isOver && !isOfKey(before)) return undefined;
  if (record.revokedAt !== null) return revoked(item, now);
  const listed = record.secrets.find((own) => own.locator === locator);
  // An end at 0 may be of a rotation that was undone since.
  if (stateOf(item) === 'revoked' || (isOver && listed === undefined)) return item;
  const { role, roleVersion, version } = record;
  const endsAt = listed === undefined ? 0 : listed.endsAt;
  const power = secretAttributes(secretFieldsOf(record, record.effectiveRateLimit, endsAt));
  const deleteAt =
    endsAt === null ? undefined : (item.deleteAt ?? { N: String(deletableAt(Math.max(endsAt, now))) });
  return defined({
    ...item,
    ...power,
    ...(role !== null && toItem({ role, roleVersion })),
    version: { N: String(Math.min(numberOf(item.version) ?? version, version)) },
    deleteAt,
  });
}

/** It names no user: the item of its token, in the same partition, does. */
function restoreTokenWorkspace(
  item: Item,
  tokenItem: Item | undefined,
  { members, tokens, now }: Pick<RestoredRecords, 'members' | 'tokens'> & { readonly now: number },
): Item | undefined {
  const token = tokenItem && tokens.get(credentialIdOf(tokenItem));
  if (token === undefined || tokenItem === undefined) return undefined;
  const left = deletableAt(now);
  if (token.isRevoked)
    return item.ended === undefined ? { ...item, ...toItem({ ended: true, deleteAt: left }) } : item;
  const workspace = item.sk?.S?.slice(TOKEN_WORKSPACE.length) ?? '';
  const { role, version } = members.standingOf({ workspace, userId: token.userId });
  if (item.role?.S === role && numberOf(item.roleVersion) === version) return item;
  const deleteAt = role === 'none' ? left : deletableWithToken(numberOf(tokenItem.expiresAt));
  return defined({ ...item, deleteAt: undefined, ...toItem({ role, roleVersion: version, deleteAt }) });
}

function revoked(item: Item, now: number): Item {
  if (stateOf(item) === 'revoked') return item;
  return { ...item, ...REVOKED, ...toItem({ deleteAt: deletableAt(now) }) };
}

/** An attribute that is `undefined` is to be absent. */
function defined(attributes: Record<string, Item[string] | undefined>): Item {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const ANY = '' as SecretLocator;
const TOKEN = tokenSecretKey(ANY).sk;
const TOKEN_WORKSPACE = tokenWorkspaceKey(ANY, '').sk;

const isToken = ({ sk }: Item) => sk?.S === TOKEN;
const isTokenWorkspace = ({ sk }: Item) => sk?.S?.startsWith(TOKEN_WORKSPACE) === true;

/** Absent on the items that say in which workspaces a token works. */
const stateOf = (item: Item) => item.secretState?.S;
const credentialIdOf = (item: Item) => item.credentialId?.S ?? '';
