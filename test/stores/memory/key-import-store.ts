import { isExpired } from '../../../core/credential/credential.ts';
import { SLOTS_PER_PREFIX } from '../../../core/credential/secret.ts';
import {
  type ImportOutcome,
  identityOf,
  type KeyImportStore,
  type KeyToImport,
} from '../../../core/management/key-import.ts';
import { addressOf, isMemberAt, type MemoryWorld, writeEvent } from './world.ts';

/** Imports keys in memory. It keeps the contract of the port. */
export function memoryKeyImportStore(world: MemoryWorld): KeyImportStore {
  return {
    async importKeys(keys, changes) {
      const told = { ...world, keys: new Map(world.keys), locators: new Set(world.locators) };
      const found = changes === 'make' ? world : { ...told, events: [], imported: new Map(world.imported) };
      return keys.map((key) => importKey(found, key));
    },
  };
}

function importKey(world: MemoryWorld, asked: KeyToImport): ImportOutcome {
  const { workspace, id, secret, creator, planVersion, event } = asked;
  const identity = identityOf(secret);
  const known = world.imported.get(identity);
  if (known !== undefined) {
    if (known.workspace !== workspace) return { kind: 'taken' };
    const key = world.keys.get(addressOf(known.workspace, known.id))?.key;
    return { kind: key?.revokedAt === null ? 'present' : 'ended', id: known.id };
  }
  const isUnderPrefix = (text: string) =>
    secret.kind === 'by_prefix' && text.startsWith(`${secret.lookupPrefix} `);
  if ([...world.imported.keys()].filter(isUnderPrefix).length === SLOTS_PER_PREFIX)
    return { kind: 'prefix_full' };
  if (creator !== null && !isMemberAt(world, { workspace, ...creator })) return { kind: 'changed' };
  if (planVersion !== null && world.workspaces.get(workspace)?.version !== planVersion)
    return { kind: 'changed' };
  const bound = boundOf(world, asked);
  if (bound !== undefined) return { kind: bound };
  if (secret.kind === 'by_digest') world.locators.add(secret.locator);
  world.imported.set(identity, { workspace, id });
  const { fields, createdAt, role, lastUsedAt } = asked;
  const key = {
    ...fields,
    id,
    workspace,
    start: secret.start,
    createdAt,
    createdBy: creator?.userId ?? null,
    role,
    lastUsedAt,
    previousSecret: null,
    revokedAt: null,
    version: 1,
  };
  world.keys.set(addressOf(workspace, id), {
    key,
    creatorVersion: creator?.version ?? null,
    secretEnds: [null],
  });
  writeEvent(world, event);
  return { kind: 'imported', id };
}

function boundOf(
  world: MemoryWorld,
  { workspace, creator, maxActiveKeys, maxMemberKeys, now }: KeyToImport,
): 'limit_reached' | 'member_limit_reached' | undefined {
  const active = [...world.keys.values()]
    .map(({ key }) => key)
    .filter((key) => key.workspace === workspace)
    .filter((key) => key.revokedAt === null && !isExpired(key.expiresAt, now));
  if (maxActiveKeys !== null && active.length >= maxActiveKeys) return 'limit_reached';
  const own = active.filter(({ createdBy }) => createdBy !== null && createdBy === creator?.userId);
  return own.length >= maxMemberKeys ? 'member_limit_reached' : undefined;
}
