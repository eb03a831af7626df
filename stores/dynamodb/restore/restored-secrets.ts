import type { SecretLocator } from '../../../core/credential/secret.ts';
import { type KeyRecord, secretFieldsOf } from '../keys/key-item.ts';
import { REVOKED } from '../secrets/secret-change.ts';
import { numberOf, secretAttributes } from '../secrets/secret-item.ts';
import { locatorOf, tokenSecretKey, tokenWorkspaceKey } from '../secrets/secret-key.ts';
import type { Item } from '../table/tables.ts';
import { deletableAt, deletableWithToken } from '../tokens/token-source.ts';
import type { RestoredKey } from './restored-keys.ts';
import type { RestoredRecords } from './restored-records.ts';

/** The secrets of a backup as they may be put back. */
export interface RestoredSecrets {
  readonly items: readonly Item[];
  /** The ids of credentials in force in the backup that are put back revoked. */
  readonly revoked: readonly string[];
  /** The ids of credentials in force in the backup that are not put back, since they have no record. */
  readonly lost: readonly string[];
}

/**
 * Computes the secrets to put back. Writes nothing. A backup read its secrets after its records, so a secret may have more
 * rights than its record says. Its rights are written anew from the record. Only its digest and its use come from the backup.
 * @param now Unix seconds.
 */
export function restoreSecrets(
  copied: readonly Item[],
  records: RestoredRecords,
  now: number,
): RestoredSecrets {
  const tokenItems = new Map(copied.filter(isToken).map((item) => [item.pk?.S, item]));
  const hasRecord = (id: string) => records.keys.has(id) || records.tokens.has(id);
  const restore = (item: Item): Item | undefined => {
    if (isTokenWorkspace(item))
      return restoreTokenWorkspace(item, tokenItems.get(item.pk?.S), { ...records, now });
    const id = credentialIdOf(item);
    const key = records.keys.get(id);
    if (key !== undefined) return restoreKeySecret(item, key);
    const token = records.tokens.get(id);
    return token?.isRevoked ? endTokenItem(item, now) : token && item;
  };
  const items = copied.map(restore).filter((item) => item !== undefined);
  const inForce = copied.filter((item) => stateOf(item) !== undefined && stateOf(item) !== 'revoked');
  const ended = new Set(items.filter((item) => stateOf(item) === 'revoked').map(credentialIdOf));
  const ids = [...new Set(inForce.map(credentialIdOf))];
  return {
    items,
    revoked: ids.filter((id) => ended.has(id)),
    lost: ids.filter((id) => !hasRecord(id)),
  };
}

/**
 * @returns `undefined` for a secret that the record in the backup does not list, as when a rotation began after the record was
 * read. No change of the key would ever reach it.
 */
function restoreKeySecret(item: Item, { record, before }: RestoredKey): Item | undefined {
  const locator = locatorOf({ pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' });
  const findSecret = ({ secrets }: KeyRecord) => secrets.find((own) => own.locator === locator);
  // A secret that its key has dropped ended at 0, or was revoked.
  const isOver = item.expiresAt?.N === '0' || stateOf(item) === 'revoked';
  if (!isOver && findSecret(before) === undefined) return undefined;
  if (record.revokedAt !== null) return { ...item, ...REVOKED };
  const listed = findSecret(record);
  // A rotation may have ended a secret at 0 and been undone since. Then the record lists it.
  if (stateOf(item) === 'revoked' || (isOver && listed === undefined)) return item;
  const { role, roleVersion, version } = record;
  const endsAt = listed === undefined ? 0 : listed.endsAt;
  const restored: Attributes = {
    ...item,
    ...secretAttributes(secretFieldsOf(record, record.effectiveRateLimit, endsAt)),
    version: { N: String(Math.min(numberOf(item.version) ?? version, version)) },
  };
  if (role !== null) {
    restored.role = { S: role };
    restored.roleVersion = roleVersion === undefined ? item.roleVersion : { N: String(roleVersion) };
  }
  return dropUndefined(restored);
}

/**
 * Restores the item that says what a token's user is in one workspace.
 * @param tokenItem the item of the token, which says whose it is.
 */
function restoreTokenWorkspace(
  item: Item,
  tokenItem: Item | undefined,
  { members, tokens, now }: Pick<RestoredRecords, 'members' | 'tokens'> & { readonly now: number },
): Item | undefined {
  const token = tokenItem && tokens.get(credentialIdOf(tokenItem));
  if (token === undefined || tokenItem === undefined) return undefined;
  const left = deletableAt(now);
  if (token.isRevoked)
    return item.ended === undefined ? { ...item, ended: { BOOL: true }, deleteAt: seconds(left) } : item;
  const workspace = item.sk?.S?.slice(TOKEN_WORKSPACE.length) ?? '';
  const { role, version } = members.standingOf({ workspace, userId: token.userId });
  if (item.role?.S === role && numberOf(item.roleVersion) === version) return item;
  const deleteAt = role === 'none' ? left : deletableWithToken(numberOf(tokenItem.expiresAt));
  return dropUndefined({
    ...item,
    role: { S: role },
    roleVersion: { N: String(version) },
    deleteAt: deleteAt === undefined ? undefined : seconds(deleteAt),
  });
}

function endTokenItem(item: Item, now: number): Item {
  if (stateOf(item) === 'revoked') return item;
  return { ...item, ...REVOKED, deleteAt: seconds(deletableAt(now)) };
}

const seconds = (value: number) => ({ N: String(value) });

/** An attribute that is `undefined` is to be absent. */
type Attributes = Record<string, Item[string] | undefined>;

function dropUndefined(attributes: Attributes): Item {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const ANY = '' as SecretLocator;
const TOKEN = tokenSecretKey(ANY).sk;
const TOKEN_WORKSPACE = tokenWorkspaceKey(ANY, '').sk;

const isToken = ({ sk }: Item) => sk?.S === TOKEN;
const isTokenWorkspace = ({ sk }: Item) => sk?.S?.startsWith(TOKEN_WORKSPACE) === true;

/** @returns `undefined` for the item that says what a token's user is in a workspace. */
const stateOf = (item: Item) => item.secretState?.S;
const credentialIdOf = (item: Item) => item.credentialId?.S ?? '';
