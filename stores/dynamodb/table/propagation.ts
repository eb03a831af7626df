import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Unfinished, wrapFault } from '../../../core/errors/fault.ts';
import { runInParallel } from './batches.ts';
import type { Document } from './documents.ts';
import { countItems, type PartitionQuery, queryPage, sortKeyOf } from './query-pages.ts';

/**
 * A change of one member or workspace that has to reach many credentials. It goes page by page and stores its progress in the
 * intent, so that any process goes on where the last one stopped, however many credentials there are.
 * @see docs/decisions/0017-changes-that-reach-many.md
 */
export interface Propagation {
  /** The credentials to reach, list after list. Every process sees the same lists for one change. */
  readonly lists: readonly TargetList[];
  readonly progress: Progress;
  /** Stores the progress. @returns false when another process has stored a later turn, or the change is no longer pending. */
  save(progress: Progress): Promise<boolean>;
  /** Marks the change as done. It does nothing when the change is no longer pending. */
  finish(): Promise<void>;
}

/** How far a change has come. Stored as part of its intent. */
export interface Progress {
  /** Grows by one with each stored turn, so that a slower process never stores an older turn. */
  readonly turn: number;
  /** The position of the current list. */
  readonly list: number;
  /** The id behind which the next page starts; `null` at the beginning of the list. */
  readonly after: string | null;
  /** How many credentials were reached. */
  readonly done: number;
  /** Credentials that could not be changed yet. They do not hold up the others, and are tried again at the end. */
  readonly failed: readonly { readonly list: number; readonly id: string }[];
}

export const NO_PROGRESS: Progress = { turn: 0, list: 0, after: null, done: 0, failed: [] };

export interface TargetList {
  /** Reads the targets behind an id, always in the same order. `next`: where the next page starts; `null` at the end. */
  page(after: string | null): Promise<{ readonly targets: readonly Target[]; readonly next: string | null }>;
  /** Reads one target again; `undefined` when it is gone. */
  get(id: string): Promise<Target | undefined>;
  /** Counts the targets behind an id. */
  count(after: string | null): Promise<number>;
}

/** One credential. Changing it twice does the same as changing it once. */
export interface Target {
  readonly id: string;
  change(): Promise<void>;
}

/** How many targets a page holds. */
export const PAGE = 100;

/** With more failures in one turn the store itself is in trouble, and not single credentials. The turn is not stored. */
const MOST_FAILED_IN_A_TURN = 25;

/** How many failures a change may hold. They are part of its item, whose size is limited. */
const MOST_FAILED = 1_000;

/** A turn is begun only while there is time for it. Milliseconds. */
export const TURN_MS = 3_000;

/**
 * Goes on with a change until every credential is reached.
 * @param read reads the change as it is stored now; `undefined` once it is no longer pending.
 * @param millisecondsLeft how long this process may go on.
 * @throws {Unfinished} when the time is over. The progress is stored, and another process goes on.
 */
export async function propagate(
  begun: Propagation,
  read: () => Promise<Propagation | undefined>,
  millisecondsLeft: () => number = () => Number.POSITIVE_INFINITY,
): Promise<void> {
  for (let change: Propagation | undefined = begun; change !== undefined; ) {
    const next: Propagation | 'finished' | 'overtaken' = await takeTurn(change);
    if (next === 'finished') return;
    change = next === 'overtaken' ? await read() : next;
    if (change !== undefined && millisecondsLeft() < TURN_MS) throw await unfinished(change);
  }
}

/** Reaches one page of credentials. @returns the change with its progress; `overtaken` when another process was faster. */
export async function takeTurn(change: Propagation): Promise<Propagation | 'finished' | 'overtaken'> {
  const progress = await reachPage(change);
  if (progress === 'reached_all') {
    await change.finish();
    return 'finished';
  }
  return (await change.save(progress)) ? { ...change, progress } : 'overtaken';
}

async function reachPage({ lists, progress }: Propagation): Promise<Progress | 'reached_all'> {
  let { list, after, done } = progress;
  const failed = [...progress.failed];
  let cause: unknown;
  // A short page ends its list: the next one begins in the same turn, so that a small change is a single turn.
  for (let looked = 0; looked < PAGE; ) {
    const current = lists[list];
    if (current === undefined) break;
    const { targets, next } = await current.page(after);
    const outcome = await tryAll(targets, (target) => target.change());
    done += targets.length - outcome.failed.length;
    failed.push(...outcome.failed.map(({ id }) => ({ list, id })));
    cause ??= outcome.cause;
    looked += targets.length;
    after = next;
    if (next === null) list += 1;
  }
  const newlyFailed = failed.length - progress.failed.length;
  if (newlyFailed > MOST_FAILED_IN_A_TURN || failed.length > MOST_FAILED)
    throw wrapFault('Too many credentials could not be changed.', cause);
  const turn = progress.turn + 1;
  if (list < lists.length) return { turn, list, after, done, failed };
  const left = await changeAgain(lists, failed);
  if (left.failed.length === 0) return 'reached_all';
  const wasAtEnd = progress.list >= lists.length;
  if (wasAtEnd && left.failed.length === progress.failed.length)
    throw wrapFault('Some credentials could not be changed.', left.cause);
  return { turn, list, after, done: done + failed.length - left.failed.length, failed: left.failed };
}

async function changeAgain(lists: Propagation['lists'], before: Progress['failed']) {
  return tryAll(before, async ({ list, id }) => {
    const target = await lists[list]?.get(id);
    await target?.change();
  });
}

/** Does the same to all things. @returns those that failed, and why one of them did. */
async function tryAll<Thing>(things: readonly Thing[], work: (thing: Thing) => Promise<void>) {
  const failed: Thing[] = [];
  let cause: unknown;
  await runInParallel(things, async (thing) => {
    try {
      await work(thing);
    } catch (error) {
      failed.push(thing);
      cause = error;
    }
  });
  return { failed, cause };
}

async function unfinished({ lists, progress }: Propagation): Promise<Unfinished> {
  const { list, after, done, failed } = progress;
  const counts = await Promise.all(
    lists.slice(list).map((one, index) => one.count(index === 0 ? after : null)),
  );
  const left = counts.reduce((sum, count) => sum + count, failed.length);
  return new Unfinished({ done, left });
}

/**
 * The targets that a part of a partition lists. The id of a target is the part of its item's sort key behind the prefix.
 * @param targetsIn makes targets of the items of one page, and may leave some out.
 */
export function createTargetList(
  client: DynamoDBClient,
  query: PartitionQuery,
  targetsIn: (items: readonly Document[]) => readonly Target[],
): Pick<TargetList, 'page' | 'count'> {
  const behind = (id: string | null) => (id === null ? undefined : query.prefix + id);
  return {
    async page(after) {
      const { items, isLast } = await queryPage(client, { ...query, limit: PAGE, after: behind(after) });
      const last = sortKeyOf(items.at(-1))?.slice(query.prefix.length);
      return { targets: targetsIn(items), next: isLast ? null : (last ?? null) };
    },
    count: (after) => countItems(client, { ...query, after: behind(after) }),
  };
}
