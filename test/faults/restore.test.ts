import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { expect } from '@jest/globals';
import type { EventRetention } from '../../core/audit/event-store.ts';
import {
  COPIED_TABLES,
  type CopiedItem,
  type CopiedTable,
  type Item,
  itemsOf,
  wipe,
} from '../../stores/dynamodb/restore/backup.ts';
import {
  type Backup,
  type NotRestored,
  type Restored,
  restore,
} from '../../stores/dynamodb/restore/restore.ts';
import { sweepPendingChanges } from '../../stores/dynamodb/sweeper/sweep.ts';
import type { OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import { randomFrom, scaled } from '../campaigns/campaign.ts';
import { tallied } from '../security/tally.ts';
import { type Crash, type MortalProcess, mortalProcess } from '../stores/dynamodb/faults.ts';
import { NOW } from '../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { act } from './restore-actions.ts';
import { RestoreWorld } from './restore-world.ts';
import { type Powers, readPowers, revived } from './restored-power.ts';
import { disagreements, readMemory } from './stored-agreement.ts';

const HISTORIES = scaled({ few: 1, part: 3, whole: 60 });

const RETENTIONS: readonly EventRetention[] = ['forever', 400, 30];

/** What does not count here: versions leap over what a restore has taken back. */
const OF_HISTORY = /events at version|in the log|was issued/;

const NEVER: Crash = { at: Number.POSITIVE_INFINITY, moment: 'before' };

const tally = tallied('A restore gives nothing and nobody more than they had just before');

tally.test(
  'whatever has happened, and whatever moment a backup says to be of, nothing works that did not just before',
  async () => {
    for (let index = 0; index < HISTORIES; index += 1) {
      const tables = await createTables();
      try {
        await new History(tables, index).pass();
      } finally {
        await tables.release();
      }
    }
  },
);

interface Copy extends Backup {
  /** Whether nothing happened while it was made. */
  readonly isCalm: boolean;
}

/** Some time of a deployment, in which it is copied, lives on, and is restored from its copies in whatever order. */
class History {
  readonly #index: number;
  readonly #tables: OperatorTables;
  /** A process that may die in the middle of what it does. */
  readonly #mortal: MortalProcess;
  readonly #mortalTables: OperatorTables;
  readonly #world: RestoreWorld;

  constructor(tables: TestTables, index: number) {
    const eventRetention = RETENTIONS[index % RETENTIONS.length] ?? 'forever';
    this.#index = index;
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
      // What has begun is done: its event says so.
      await this.#sweep();
      if ((await this.#restore(world.from(backups), `${this.#index}.${round}`)) === 'lost') return;
      await this.#live(6);
      if (world.below(3) === 0) backups.push(await this.#copy());
    }
  }

  /** Some actions, of which a few are cut off at an operation, as by a crash or a time-out. */
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

  /** Copies the tables as `backup` does, page by page: what happens meanwhile is in the pages behind, and in the tables behind. */
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

  /** The log as DynamoDB leaves it: events that have ended are gone. */
  async #forgetEvents(): Promise<void> {
    const { client, events } = this.#tables;
    for (const { pk, sk, deleteAt } of await this.#scan('events'))
      if (pk !== undefined && sk !== undefined && Number(deleteAt?.N) <= this.#world.now)
        await client.send(new DeleteItemCommand({ TableName: events, Key: { pk, sk } }));
  }

  /** Restores from a backup, over tables or into empty ones; begins again where it dies. @returns `lost` where it refuses to, and nothing is there. */
  async #restore(backup: Copy, name: string): Promise<'restored' | 'refused' | 'lost'> {
    const world = this.#world;
    const before = await readPowers(this.#tables, world);
    const isEmpty = world.below(3) === 0;
    if (isEmpty) await wipe(this.#tables);
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
    tally.count(typeof outcome === 'string' ? `restores refused` : 'restores');
    if (typeof outcome === 'string') return isEmpty ? 'lost' : 'refused';
    if (backup.isCalm) await this.#expectUntouchedKept(backup, before, name);
    expect([name, await this.#sweep()]).toEqual([name, 0]);
    const wrong = disagreements(await readMemory(this.#tables), world.now);
    expect([name, wrong.filter((sentence) => !OF_HISTORY.test(sentence))]).toEqual([name, []]);
    return 'restored';
  }

  /** Puts a backup back. The moment that it says to be of is often wrong. */
  #putBack(backup: Backup, tables: OperatorTables): Promise<Restored | NotRestored> {
    const { now, id } = this.#world;
    const later = Math.min(now, backup.at + 36_000);
    const at = this.#world.from([backup.at, now, now - 1, backup.at - 36_000, later]);
    const actor = { kind: 'operator', credentialId: null, user: null } as const;
    return restore(
      {
        ...{ tables, now: () => now, present: 'replace', forgotten: 'refuse', changes: 'make' },
        newEvent: (event) => ({
          ...{ id: id('evt'), at: now, actor, sourceAddress: null, outcome: 'done' },
          ...event,
        }),
      },
      { ...backup, at },
    );
  }

  async #expectNothingRevived(before: Powers, name: string): Promise<void> {
    const after = await readPowers(this.#tables, this.#world);
    tally.count('powers compared', after.size);
    expect([name, revived(before, after, this.#world.now)]).toEqual([name, []]);
  }

  /** A key that nothing has happened to since the copy, nor to its creator or its workspace, works as it did. */
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
        // What an earlier restore has lost, this one brings back revoked.
        if (own?.kind !== 'secret' || own.secret === undefined) continue;
        tally.count('untouched secrets compared');
        expect([name, secret, after.get(secret)]).toEqual([name, secret, own]);
      }
    }
  }

  async #scan(table: CopiedTable): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of itemsOf(this.#tables, table)) items.push(item);
    return items;
  }
}

/** A scan goes on behind the last item of a page, or where that was. */
function behind(page: readonly Item[], items: readonly Item[]): Item[] {
  const place = ({ pk, sk }: Item) => `${pk?.S} ${sk?.S}`;
  const read = new Set(page.map(place));
  return items.slice(items.findLastIndex((item) => read.has(place(item))) + 1);
}
