import type { KeyToImport } from '../../../core/management/key-import.ts';
import { runInParallel } from '../table/batches.ts';
import { memberSlotKey, type RecordTable, slotKey } from '../table/tables.ts';
import { findFreeSlots, randomSlot } from './active-key-slots.ts';
import type { KeyRecord } from './key-item.ts';

/** The slots for one key to import, or the bound that leaves it none. */
export type TakenSlots =
  | { readonly kind: 'taken'; readonly slots: Pick<KeyRecord, 'slot' | 'memberSlot'> }
  | { readonly kind: 'limit_reached' | 'member_limit_reached' };

/** A bound on active keys, of a workspace or of a member. */
interface Bound {
  readonly name: string;
  readonly slots: (number: number) => ReturnType<typeof slotKey>;
  readonly bound: number;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * Picks free slots for some keys, no slot twice. It begins at a random one, so that imports which run at once seldom want the same.
 * @returns the slots of each key, in their order.
 */
export async function findImportSlots(
  tables: RecordTable,
  keys: readonly KeyToImport[],
): Promise<TakenSlots[]> {
  const bounds = keys.flatMap((key) => [boundOfWorkspace(key) ?? [], boundOfMember(key) ?? []].flat());
  const distinct = [...new Map(bounds.map((one) => [one.name, one])).values()];
  const found = await runInParallel(distinct, ({ slots, bound, now }) =>
    findFreeSlots(tables, slots, { bound, now }),
  );
  const free = new Map(distinct.map(({ name }, index) => [name, startAnywhere(found[index] ?? [])]));
  /** @returns `null` where there is no bound; `undefined` where no slot is free. */
  const take = (bound: Bound | null) => bound && free.get(bound.name)?.shift();
  return keys.map((key) => {
    const slot = take(boundOfWorkspace(key));
    if (slot === undefined) return { kind: 'limit_reached' };
    const memberSlot = take(boundOfMember(key));
    if (memberSlot === undefined) return { kind: 'member_limit_reached' };
    return { kind: 'taken', slots: { slot, memberSlot: memberSlot ?? undefined } };
  });
}

function startAnywhere(slots: readonly number[]): number[] {
  const start = randomSlot(slots.length);
  return [...slots.slice(start), ...slots.slice(0, start)];
}

function boundOfWorkspace({ workspace, maxActiveKeys: bound, now }: KeyToImport): Bound | null {
  if (bound === null) return null;
  return { name: workspace, slots: (number) => slotKey(workspace, number), bound, now };
}

function boundOfMember({ workspace, creator, maxMemberKeys: bound, now }: KeyToImport): Bound | null {
  if (creator === null) return null;
  const { userId } = creator;
  const slots = (number: number) => memberSlotKey(workspace, userId, number);
  return { name: `${workspace} ${userId}`, slots, bound, now };
}
