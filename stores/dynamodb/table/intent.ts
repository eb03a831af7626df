import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { IdentifierPrefix } from '../../../core/credential/identifier.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { pause, tryWrite } from './contention.ts';
import { assign, documentClient } from './documents.ts';
import { type ItemKey, PENDING, type RecordTable, type Tables } from './tables.ts';
import { type TransactionItem, transact, writeOnceBegun } from './transaction.ts';

/**
 * A change of a record that other items have to follow. The record holds it as `pendingChange` from the first write to the
 * last: `beginChange` stores the intent with its event, then the other items are changed, then `finishChange` takes the intent
 * away. If a process dies on the way, the intent tells the rest. Every step may be repeated, by any process.
 * @see docs/decisions/0004-intent-first.md
 */
export interface Intent {
  readonly id: string;
  /** Unix seconds. */
  readonly since: number;
}

/** What it takes to finish a change, beside the intent. */
export interface ChangeFinisher {
  readonly tables: Tables;
  /** Unix seconds. */
  readonly now: () => number;
  readonly newId: (prefix: IdentifierPrefix) => string;
  /**
   * How long this process may go on with a change that reaches many credentials.
   * @default as long as it takes
   */
  readonly millisecondsLeft?: (() => number) | undefined;
}

/** Attributes that put a record into the index of pending changes; `undefined` takes it out. */
export function pendingMark(intent: Intent | undefined) {
  return intent === undefined
    ? { pending: undefined, pendingSince: undefined }
    : { pending: PENDING, pendingSince: intent.since };
}

/** The parts of a transaction that begins a change. */
interface Beginning {
  /** Stores the intent, if the record is as it was when the change was decided. */
  readonly intent: TransactionItem;
  /** `null` for a part of a greater change, which has written its own event. */
  readonly event: TransactionItem | null;
  /** Requires that the caller is still in force. `null` where nothing is required. */
  readonly caller: TransactionItem | null;
}

/**
 * `caller_ended`: the caller is no longer in force. `conflict`: anything else is not as it was when the change was decided.
 * Neither has changed anything. `failed` names the parts that did not hold.
 */
export type Begun<Name extends string> =
  | { readonly kind: 'begun' }
  | {
      readonly kind: 'conflict' | 'caller_ended';
      readonly failed: ReadonlySet<keyof Beginning | Name>;
    };

/** Stores the intent of a change, its event and what belongs to it, in one transaction. */
export async function beginChange<Name extends string = never>(
  { client }: Pick<Tables, 'client'>,
  parts: Beginning & Readonly<Record<Name, TransactionItem | readonly TransactionItem[] | null>>,
): Promise<Begun<Name>> {
  const failed = await transact<keyof Beginning | Name>(client, parts);
  if (failed.size === 0) return { kind: 'begun' };
  return { kind: failed.has('caller') ? 'caller_ended' : 'conflict', failed };
}

/** `superseded`: the change is no longer the pending one. Another process finished or undid it, or it was overtaken. */
export interface Finished {
  readonly kind: 'finished' | 'superseded';
}

/**
 * Takes the intent of a change away, and makes the record say what has come of it.
 * @param finished.attributes of the record from now on. `undefined` removes one.
 * @param finished.also what has to change in the same moment as the record. @default nothing
 */
export async function finishChange(
  { client, records }: RecordTable,
  { pk, sk }: ItemKey,
  {
    changeId,
    attributes,
    also = [],
  }: {
    readonly changeId: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly also?: readonly TransactionItem[];
  },
): Promise<Finished> {
  const update = assign({ pendingChange: undefined, ...attributes, ...pendingMark(undefined) });
  const Update = {
    TableName: records,
    Key: { pk, sk },
    UpdateExpression: update.expression,
    ConditionExpression: '#pendingChange.id = :changeId',
    ExpressionAttributeNames: update.names,
    ExpressionAttributeValues: { ...update.values, ':changeId': changeId },
  };
  const isFinished =
    also.length === 0
      ? await tryWrite(() => documentClient(client).send(new UpdateCommand(Update)))
      : (await writeOnceBegun(() => transact(client, { record: { Update }, also }))).size === 0;
  return { kind: isFinished ? 'finished' : 'superseded' };
}

/** How often a change waits for another one that is under way, before it has to be decided again. */
const WAITS = 10;

/**
 * How often it only looks before it finishes that change itself. Most processes finish their own within that time, and many
 * who wait for one change would all write the same.
 */
const LOOKS = 2;

/**
 * Reads an item until no change of it is in the way. Changes that others began are waited for, then finished.
 * @param steps.read the item as it is stored now.
 * @param steps.finish finishes the change that is in the way; `undefined` where there is none.
 * @throws {Contended} when there is always another one.
 */
export async function readSettled<Item>(steps: {
  readonly read: () => Promise<Item | undefined>;
  readonly finish: (item: Item) => (() => Promise<unknown>) | undefined;
}): Promise<Item | undefined> {
  for (let wait = 1; wait <= WAITS; wait += 1) {
    const item = await steps.read();
    const finish = item === undefined ? undefined : steps.finish(item);
    if (finish === undefined) return item;
    if (wait > LOOKS) await finish();
    await pause(wait);
  }
  throw new Contended('Another change is under way.');
}
