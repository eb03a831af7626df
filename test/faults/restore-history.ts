import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { expect } from '@jest/globals';
import type { EventRetention } from '../../core/audit/event-store.ts';
import {
  type Backup,
  COPIED_TABLES,
  type CopiedItem,
  type CopiedTable,
  scanTable,
  wipeTables,
} from '../../stores/dynamodb/restore/backup.ts';
import { type Restored, restore } from '../../stores/dynamodb/restore/restore.ts';
import type { NotRestored } from '../../stores/dynamodb/restore/restore-refusal.ts';
import { sweepPendingChanges } from '../../stores/dynamodb/sweeper/sweep.ts';
import type { Item, OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import { randomFrom } from '../campaigns/campaign.ts';
import type { tallied } from '../security/tally.ts';
import { type Crash, type MortalProcess, mortalProcess } from '../stores/dynamodb/faults.ts';
import { NOW } from '../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { act } from './restore-actions.ts';
import { RestoreWorld } from './restore-world.ts';
import { type Powers, readPowers, revived } from './restored-power.ts';
import { disagreements, readMemory } from './stored-agreement.ts';

const RETENTIONS: readonly EventRetention[] = ['forever', 400, 30];

/** Sentences that do not count here: a restore raises versions, and ends in the log what it has lost. */
const OF_HISTORY = /events at version|in the log|was issued/;

const NEVER: Crash = { at: Number.POSITIVE_INFINITY, moment: 'before' };

type Tally = ReturnType<typeof tallied>;

/** Draws a history of a deployment and lives it. Nothing may have more rights after a restore than it had just before. */
export async function passHistory(index: number, tally: Tally): Promise<void> {
  const tables = await createTables();
  try {
    await new History(tables, index, tally).pass();
  } finally {
    await tables.release();
  }
}

interface Copy extends Backup {
  /** Whether nothing was changed while it was made. */
  readonly isCalm: boolean;
}

/** A deployment that is backed up, lives on, and is restored from its backups in any order. */
class History {
  readonly #index: number;
  readonly #tables: OperatorTables;
  /** A process that may die in the middle of an action. */
  readonly #mortal: MortalProcess;
  readonly #mortalTables: OperatorTables;
  readonly #world: RestoreWorld;

  readonly #tally: Tally;

  constructor(tables: TestTables, index: number, tally: Tally) {
    const eventRetention = RETENTIONS[index % RETENTIONS.length] ?? 'forever';
    this.#index = index;
    this.#tally = tally;
    this.#tables = { ...tables, eventRetention };
    this.#mortal = mortalProcess(tables);
    this.#mortalTables = { ...this.#tables, client: this.#mortal.tables.client };
    this.#world = new RestoreWorld(this.#tables, randomFrom(`restore ${index}`), NOW);
  }

  async pass(): Promise<void> {
    const world = this.#world;
    await world.begin();
    for (let step = 0; step < 12; step += 1) await act(world, this.#tables);
    const backups: Copy[] = [];
    for (const actions of [10, 12]) {
      backups.push(await this.#copy());
      await this.#live(actions);
    }
    for (let round = 0; round < 3; round += 1) {
      if (world.below(6) === 0) world.now += world.from([20, 40]) * 86_400;
      await this.#forgetEvents();
      // The sweeper finishes changes that have begun, as their events say.
      await this.#sweep();
      if ((await this.#restore(world.from(backups), `${this.#index}.${round}`)) === 'lost') return;
      await this.#live(6);
      if (world.below(3) === 0) backups.push(await this.#copy());
    }
  }

  /** Makes some actions. A few are cut off at an operation, as by a crash or a time-out. */
  async #live(actions: number): Promise<void> {
    const world = this.#world;
    for (let step = 0; step < actions; step += 1) {
      this.#mortal.live(world.below(8) === 0 ? { at: 1 + world.below(9), moment: 'before' } : NEVER);
      await act(world, this.#mortalTables).catch((error: unknown) => {
        if (!this.#mortal.isDead()) throw error;
      });
      if (world.below(15) === 0) await this.#sweep();
    }
  }

  #sweep(): Promise<number> {
    const { now, id: newId } = this.#world;
    return sweepPendingChanges({ tables: this.#tables, now: () => now + 120, newId });
  }

  /** Copies the tables page by page, as `backup` does. Later pages and tables hold what happens meanwhile. */
  async #copy(): Promise<Copy> {
    const world = this.#world;
    const at = world.now;
    const items: CopiedItem[] = [];
    const isCalm = world.below(3) === 0;
    for (const table of COPIED_TABLES) {
      const first = await this.#scan(table);
      const page = isCalm ? first : first.slice(0, world.below(first.length + 1));
      if (!isCalm) await this.#live(world.below(4));
      const rest = isCalm ? [] : behind(page, await this.#scan(table));
      for (const item of [...page, ...rest]) items.push({ table, item });
    }
    return { at, items, isCalm };
  }

  /** Deletes events that have expired, as DynamoDB does. */
  async #forgetEvents(): Promise<void> {
    const { client, events } = this.#tables;
    for (const { pk, sk, deleteAt } of await this.#scan('events'))
      if (pk !== undefined && sk !== undefined && Number(deleteAt?.N) <= this.#world.now)
        await client.send(new DeleteItemCommand({ TableName: events, Key: { pk, sk } }));
  }

  /**
   * Restores a backup into full or empty tables. A restore that dies is started again.
   * @returns `lost` when it refused and the tables are empty.
   */
  async #restore(backup: Copy, name: string): Promise<'restored' | 'refused' | 'lost'> {
    const world = this.#world;
    const before = await readPowers(this.#tables, world);
    const isEmpty = world.below(3) === 0;
    if (isEmpty) await wipeTables(this.#tables);
    this.#mortal.live(world.below(4) === 0 ? { at: 1 + world.below(150), moment: 'before' } : NEVER);
    let outcome = await this.#putBack(backup, this.#mortalTables).catch((error: unknown) => {
      if (!this.#mortal.isDead()) throw error;
      return 'died' as const;
    });
    await this.#expectNothingRevived(before, name);
    if (outcome === 'died') {
      outcome = await this.#putBack(backup, this.#tables);
      await this.#expectNothingRevived(before, name);
    }
    this.#tally.count(typeof outcome === 'string' ? `restores refused` : 'restores');
    if (typeof outcome === 'string') return isEmpty ? 'lost' : 'refused';
    if (backup.isCalm) await this.#expectUntouchedKept(backup, before, name);
    expect([name, await this.#sweep()]).toEqual([name, 0]);
    const wrong = disagreements(await readMemory(this.#tables), world.now);
    expect([name, wrong.filter((sentence) => !OF_HISTORY.test(sentence))]).toEqual([name, []]);
    return 'restored';
  }

  /** Restores a backup that often names a wrong moment. */
  #putBack(backup: Backup, tables: OperatorTables): Promise<Restored | NotRestored> {
    const { now, id } = this.#world;
    const later = Math.min(now, backup.at + 36_000);
    const at = this.#world.from([backup.at, now, now - 1, backup.at - 36_000, later]);
    const actor = { kind: 'operator', credentialId: null, user: null } as const;
    return restore(
      {
        tables,
        now: () => now,
        present: 'replace',
        forgotten: 'refuse',
        changes: 'make',
        newEvent: (subject) => ({
          id: id('evt'),
          at: now,
          actor,
          sourceAddress: null,
          outcome: 'done',
          ...subject,
        }),
      },
      { ...backup, at },
    );
  }

  async #expectNothingRevived(before: Powers, name: string): Promise<void> {
    const after = await readPowers(this.#tables, this.#world);
    this.#tally.count('powers compared', after.size);
    expect([name, revived(before, after, this.#world.now)]).toEqual([name, []]);
  }

  /** A key works as before if neither it nor its creator nor its workspace was changed after the backup. */
  async #expectUntouchedKept(backup: Backup, before: Powers, name: string): Promise<void> {
    const known = new Set(backup.items.map(({ table, item }) => table === 'events' && item.id?.S));
    const since = (await this.#scan('events')).filter(({ id }) => !known.has(id?.S));
    const touched = new Set(since.flatMap(({ keyId, userId }) => [keyId?.S, userId?.S]));
    const replanned = new Set(since.map(({ type, pk }) => type?.S === 'workspace.updated' && pk?.S));
    const after = await readPowers(this.#tables, this.#world);
    for (const { id, createdBy, workspace, texts } of this.#world.made.keys) {
      if (touched.has(id) || touched.has(createdBy) || replanned.has(`WS#${workspace}`)) continue;
      for (const secret of texts.map((_, index) => `${id} ${index}`)) {
        const own = before.get(secret);
        // A key that an earlier restore has lost comes back revoked.
        if (own?.kind !== 'secret' || own.secret === undefined) continue;
        this.#tally.count('untouched secrets compared');
        expect([name, secret, after.get(secret)]).toEqual([name, secret, own]);
      }
    }
  }

  async #scan(table: CopiedTable): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of scanTable(this.#tables, table)) items.push(item);
    return items;
  }
}

/** A scan goes on behind the last item of a page, even if that item is gone. */
function behind(page: readonly Item[], items: readonly Item[]): Item[] {
  const place = ({ pk, sk }: Item) => `${pk?.S} ${sk?.S}`;
  const read = new Set(page.map(place));
  return items.slice(items.findLastIndex((item) => read.has(place(item))) + 1);
}
