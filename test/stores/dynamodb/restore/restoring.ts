import type { Role } from '../../../../core/access/role.ts';
import {
  type Backup,
  COPIED_TABLES,
  type CopiedItem,
  type CopiedTable,
  scanTable,
} from '../../../../stores/dynamodb/restore/backup.ts';
import { type Restored, type RestoreOptions, restore } from '../../../../stores/dynamodb/restore/restore.ts';
import { dump, issued, memberStoreOf, NOW, newEvent, newId, verdictOn } from '../keys/keys.ts';
import type { TestTables } from '../tables.ts';
import { decided, memberIn } from '../workspaces/members.ts';

/** The user whom these tests are about. */
export const USER = 'usr_1';
/** Unix seconds. */
export const RESTORED_AT = NOW + 60;
export const COPIES = ['keys', 'tokens'] as const;

/** Makes backups, restores them, and changes {@link USER} in between. */
export class Restoring {
  readonly #tables: TestTables;

  constructor(tables: TestTables) {
    this.#tables = tables;
  }

  /** Copies the tables as `backup` does. @param happening is done once a table has been read. */
  async copyWhile(
    happening: Partial<Record<CopiedTable, () => Promise<unknown>>> = {},
    at = NOW,
  ): Promise<Backup> {
    const items: CopiedItem[] = [];
    for (const table of COPIED_TABLES) {
      for await (const item of scanTable(this.#tables, table)) items.push({ table, item });
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
    const { present = 'replace', forgotten = 'refuse', changes = 'make' } = options;
    return restore(
      {
        tables,
        now,
        present,
        forgotten,
        changes,
        newEvent: (subject) => ({
          id: newId('evt'),
          at: now(),
          actor: { kind: 'operator', credentialId: null, user: null },
          sourceAddress: null,
          outcome: 'done',
          ...subject,
        }),
      },
      backup,
    );
  }

  /** Every item of every table. */
  memory() {
    return Promise.all(COPIED_TABLES.map((table) => dump(this.#tables, this.#tables[table])));
  }

  /** Gives the user a role, and writes it into the log as the API does. */
  async become(slug: string, role: Role): Promise<void> {
    const change = await decided(this.#tables, { slug, userId: USER });
    const event = { ...change.event, after: { role } };
    await memberStoreOf(this.#tables, COPIES).put({ ...change, event, role });
  }

  /** Gives the user a name, and writes it into the log as the API does. */
  async rename(slug: string, name: string): Promise<void> {
    const change = await decided(this.#tables, { slug, userId: USER });
    if (change.decidedOn === null) throw new Error('There is no such member.');
    const event = { ...newEvent('member.renamed', slug, null), userId: USER, after: { name } };
    await memberStoreOf(this.#tables, COPIES).put({ ...change, event, role: change.decidedOn.role, name });
  }

  async leave(slug: string): Promise<void> {
    const change = await decided(this.#tables, { slug, userId: USER });
    const event = { ...newEvent('member.removed', slug, null), userId: USER };
    await memberStoreOf(this.#tables, COPIES).remove({ ...change, event, keys: 'revoke' });
  }

  /** Issues a key that acts with the role that the user has now. */
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
