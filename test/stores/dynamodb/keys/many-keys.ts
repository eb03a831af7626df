import type { RateLimit } from '../../../../core/access/rate-limit.ts';
import type { Role } from '../../../../core/access/role.ts';
import { type KeyRecord, writeKey } from '../../../../stores/dynamodb/keys/key-item.ts';
import { writeSecret } from '../../../../stores/dynamodb/secrets/secret-item.ts';
import { memberKeyKey, type Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { toItem } from '../items.ts';
import { putItems } from '../put-items.ts';
import { FIELDS, NOW, newId, newSecret } from './keys.ts';

interface ManyKeys {
  readonly slug: string;
  readonly userId: string;
  readonly role: Role | null;
  readonly count: number;
  readonly rateLimit?: RateLimit;
}

/**
 * Puts the items of many keys of one member, as issuing left them before keys held slots.
 * @returns their texts.
 */
export async function manyKeys(tables: Tables, asked: ManyKeys): Promise<string[]> {
  const keys = Array.from({ length: asked.count }, () => keyItems(tables, asked));
  await putItems(
    tables,
    keys.flatMap((key) => key.items),
  );
  return keys.map(({ text }) => text);
}

function keyItems(tables: Tables, { slug, userId, role, rateLimit = undefined }: ManyKeys) {
  const { text, secret } = newSecret();
  const id = newId('key');
  const owner = { workspace: slug, role, ...(role !== null && { roleVersion: 1 }) };
  const record: KeyRecord = {
    ...FIELDS,
    ...owner,
    id,
    start: secret.start,
    createdAt: NOW,
    createdBy: userId,
    revokedAt: null,
    version: 1,
    effectiveRateLimit: rateLimit ?? null,
    formerlyUsedAt: null,
    slot: null,
    secrets: [{ locator: secret.locator, endsAt: null }],
    pendingChange: null,
  };
  const holder = { ...owner, kind: 'api_key', credentialId: id, user: userId } as const;
  const fields = { ...FIELDS, rateLimit: rateLimit ?? null, limitFrom: 'plan' } as const;
  const entry = { ...memberKeyKey(slug, userId, id), keyId: id, memberVersion: 1 };
  return {
    text,
    items: [
      { table: tables.records, item: toItem(writeKey(record)) },
      { table: tables.records, item: toItem(entry) },
      { table: tables.secrets, item: writeSecret(secret, holder, fields, 1) },
    ],
  };
}
