import { expect, test } from '@jest/globals';
import { isPassing, Unavailable, Unfinished } from '../../../../core/errors/fault.ts';
import {
  NO_PROGRESS,
  type Progress,
  type Propagation,
  propagate,
  takeTurn,
} from '../../../../stores/dynamodb/table/propagation.ts';
import { seeded } from '../faults.ts';

const PAGE = 7;

/** A change over lists of credentials that stand in memory, with the intent that processes share. */
function changeInMemory(sizes: readonly number[], isBroken: (id: string) => boolean = () => false) {
  const changed = new Map<string, number>();
  const stored: { progress: Progress; isPending: boolean } = { progress: NO_PROGRESS, isPending: true };
  const ids = sizes.map((size, list) =>
    Array.from({ length: size }, (_, at) => `${list}-${String(at).padStart(5, '0')}`),
  );
  const target = (id: string) => ({
    id,
    change: async () => {
      if (isBroken(id)) throw new Unavailable(`${id} is broken.`);
      changed.set(id, (changed.get(id) ?? 0) + 1);
    },
  });
  const lists = ids.map((all) => ({
    page: async (after: string | null) => {
      const behind = all.filter((id) => after === null || id > after);
      const page = behind.slice(0, PAGE);
      return { targets: page.map(target), next: behind.length > PAGE ? (page.at(-1) ?? null) : null };
    },
    get: async (id: string) => target(id),
    count: async (after: string | null) => all.filter((id) => after === null || id > after).length,
  }));
  const read = async (): Promise<Propagation | undefined> => {
    if (!stored.isPending) return undefined;
    return {
      lists,
      progress: stored.progress,
      save: async (progress) => {
        if (!stored.isPending || stored.progress.turn !== progress.turn - 1) return false;
        stored.progress = progress;
        return true;
      },
      finish: async () => {
        stored.isPending = false;
      },
    };
  };
  const begun = async () => {
    const change = await read();
    if (change === undefined) throw new Error('The change is over.');
    return change;
  };
  return { changed, stored, all: ids.flat(), read, begun };
}

const FOREVER = () => Number.POSITIVE_INFINITY;

test.each([[[0]], [[1]], [[7]], [[8]], [[0, 700]], [[300, 0, 800]]])(
  'lists of %j credentials are all reached, and then the change is finished',
  async (sizes) => {
    const { changed, stored, all, read, begun } = changeInMemory(sizes);
    await propagate(await begun(), read, FOREVER);
    expect([...changed.keys()].sort()).toEqual([...all].sort());
    expect(new Set(changed.values())).toEqual(new Set(all.length === 0 ? [] : [1]));
    expect(stored.isPending).toBe(false);
  },
);

test('a process that takes over a change continues after the last stored turn and never starts over', async () => {
  const { changed, all, read, stored } = changeInMemory([450, 2_000]);
  const random = seeded(7);
  let deaths = 0;
  for (let change = await read(); change !== undefined; ) {
    // A process dies with a turn done and not stored, or lives on.
    const isDying = deaths < 10 && random() < 0.4;
    if (isDying) {
      deaths += 1;
      await takeTurn({ ...change, save: async () => false, finish: async () => {} });
    } else await takeTurn(change);
    change = await read();
  }
  expect(deaths).toBe(10);
  expect(stored.isPending).toBe(false);
  expect(changed.size).toBe(all.length);
  const work = [...changed.values()].reduce((sum, times) => sum + times, 0);
  expect(work).toBeLessThanOrEqual(all.length + deaths * 200);
});

test('several processes at the same change reach every credential, and none undoes another’s progress', async () => {
  const { changed, all, read, begun, stored } = changeInMemory([1_500]);
  const change = await begun();
  await Promise.all(Array.from({ length: 4 }, () => propagate(change, read, FOREVER)));
  expect(changed.size).toBe(all.length);
  expect(stored.isPending).toBe(false);
});

test('credentials that cannot be changed do not hold up others, are reported, and alone are tried again', async () => {
  const broken = new Set(['0-00003', '0-00450', '1-00009']);
  const { changed, all, read, begun, stored } = changeInMemory([500, 300], (id) => broken.has(id));
  await expect(propagate(await begun(), read, FOREVER)).rejects.toMatchObject({
    name: 'Unavailable',
    cause: expect.objectContaining({ message: expect.stringContaining('is broken') }),
  });
  expect(changed.size).toBe(all.length - broken.size);
  expect(stored.progress.failed.map(({ id }) => id).sort()).toEqual([...broken]);
  const before = [...changed.values()].reduce((sum, times) => sum + times, 0);
  await expect(propagate(await begun(), read, FOREVER)).rejects.toThrow();
  expect([...changed.values()].reduce((sum, times) => sum + times, 0)).toBe(before);
  broken.clear();
  await propagate(await begun(), read, FOREVER);
  expect(changed.size).toBe(all.length);
  expect(stored.isPending).toBe(false);
});

test('a turn in which nearly everything fails is not stored, so that an outage skips no credential', async () => {
  let isDown = true;
  const { changed, all, read, begun, stored } = changeInMemory([400], () => isDown);
  await expect(propagate(await begun(), read, FOREVER)).rejects.toMatchObject({ name: 'Unavailable' });
  expect(stored.progress).toEqual(NO_PROGRESS);
  isDown = false;
  await propagate(await begun(), read, FOREVER);
  expect(changed.size).toBe(all.length);
});

test('when time is up, the change says how many credentials were reached and how many are left, and stores both', async () => {
  const { changed, read, begun, stored } = changeInMemory([150, 1_000]);
  let turns = 3;
  const left = () => {
    turns -= 1;
    return turns > 0 ? 60_000 : 2_999;
  };
  const failure: unknown = await propagate(await begun(), read, left).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Unfinished);
  const { done, left: rest } = (failure as Unfinished).progress;
  expect(done).toBe(changed.size);
  expect(done + rest).toBe(1_150);
  expect(stored.progress.done).toBe(done);
  await propagate(await begun(), read, FOREVER);
  expect(changed.size).toBe(1_150);
});

test.each([1, 30])(
  'of %i credentials that have to be mended it is not said that they pass by themselves',
  async (count) => {
    const { begun, read } = changeInMemory([100], (id) => {
      if (Number(id.slice(2)) < count) throw new TypeError('x is not a function');
      return false;
    });
    const thrown: unknown = await propagate(await begun(), read, FOREVER).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ cause: { name: 'TypeError' } });
    expect(isPassing(thrown)).toBe(false);
  },
);
