import type { Role } from '../../../../core/access/role.ts';
import {
  COPIED_TABLES,
  type CopiedItem,
  type CopiedTable,
  itemsOf,
} from '../../../../stores/dynamodb/restore/backup.ts';
import {
  type Backup,
  type Restored,
  type RestoreOptions,
  restore,
} from '../../../../stores/dynamodb/restore/restore.ts';
import { dump, issued, memberStoreOf, NOW, newEvent, newId, verdictOn } from '../keys/keys.ts';
import type { TestTables } from '../tables.ts';
import { decided, memberIn } from '../workspaces/members.ts';

/** Whom these tests are about. */
export const USER = 'usr_1';
/** Unix seconds. */
export const RESTORED_AT = NOW + 60;
export const COPIES = ['keys', 'tokens'] as const;

/** Copying and putting back, and what happens to {@link USER} in between. */
export class Restoring {
  readonly #tables: TestTables;

  constructor(tables: TestTables) {
    this.#tables = tables;
  }

  /** Copies the tables as `backup` does, while something happens after each of them has been read. */
  async copyWhile(
    happening: Partial<Record<CopiedTable, () => Promise<unknown>>> = {},
    at = NOW,
  ): Promise<Backup> {
    const items: CopiedItem[] = [];
    for (const table of COPIED_TABLES) {
      for await (const item of itemsOf(this.#tables, table)) items.push({ table, item });
      await happening[table]?.();
    }
    return { at, items };
  }

  async putBack(backup: Backup): Promise<Restored> {
    const outcome = await this.tryToPutBack(backup);
    if (typeof outcome === 'string') throw new Error(`Nothing was restored: ${outcome}.`);
    return outcome;
  }

  tryToPutBack(backup: Backup, options: Partial<RestoreOptions> = {}) {
    const { tables = { ...this.#tables, eventRetention: 400 }, now = () => RESTORED_AT } = options;
    const { forgotten = 'refuse', changes = 'make' } = options;
    return restore(
      {
        ...{ tables, now, present: 'replace', forgotten, changes },
        newEvent: ({ type, ...subject }) => ({
          ...{ id: newId('evt'), at: now(), type, sourceAddress: null, outcome: 'done' },
          ...{ actor: { kind: 'operator', credentialId: null, user: null }, ...subject },
        }),
      },
      backup,
    );
  }

  /** Everything that is stored. */
  memory() {
    return Promise.all(COPIED_TABLES.map((table) => dump(this.#tables, this.#tables[table])));
  }

  /** Changes the member as the API does, which tells the log what they are then. */
  async become(slug: string, role: Role): Promise<void> {
    const change = await decided(this.#tables, { slug, userId: USER });
    const event = { ...change.event, after: { role } };
    await memberStoreOf(this.#tables, COPIES).put({ ...change, event, role });
  }

  async leave(slug: string): Promise<void> {
    const change = await decided(this.#tables, { slug, userId: USER });
    const event = { ...newEvent('member.removed', slug, null), userId: USER };
    await memberStoreOf(this.#tables, COPIES).remove({ ...change, event, keys: 'revoke' });
  }

  /** A key that acts with the role that its member has now. */
  async roleKey(slug: string) {
    const member = await memberIn(this.#tables, { slug, userId: USER });
    if (member === undefined) throw new Error('There is no such member.');
    const { userId, version, role } = member;
    return issued(this.#tables, { workspace: slug, creator: { userId, version }, role });
  }

  async roleOfKey(text: string): Promise<string> {
    const verdict = await verdictOn(this.#tables, text);
    return verdict.kind === 'allow' ? String(verdict.principal.role) : verdict.code;
  }
}
