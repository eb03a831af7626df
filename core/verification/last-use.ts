import type { Allowance } from './verdict.ts';

/**
 * What a verification writes. `count`: it counts every allowed call against the limit, and stamps the time of use with it.
 * `stamp_every_call`: it stamps every allowed call, whatever limits there are. `stamp`: it stamps at most once a minute.
 * `nothing`: it writes nothing, for looking at somebody else's credential.
 */
export type Tracking = 'count' | 'stamp_every_call' | 'stamp' | 'nothing';

const STAMP_INTERVAL_SECONDS = 60;

/**
 * Tells whether an allowed call has to stamp the time of use.
 * @param now Unix seconds.
 */
export function isStampDue(
  tracking: Tracking,
  { lastUsedAt }: { readonly lastUsedAt: number | null },
  now: number,
): boolean {
  if (tracking === 'nothing') return false;
  return tracking !== 'stamp' || (lastUsedAt ?? 0) <= now - STAMP_INTERVAL_SECONDS;
}

/**
 * Stamps the time of use before the verdict is given. A stamp that fails refuses nobody, since the verdict stands on what was
 * read. The verdict then says that the stamp failed, and why.
 */
export async function recordUse(verdict: Allowance, stamp: () => Promise<void>): Promise<Allowance> {
  try {
    await stamp();
    return verdict;
  } catch (error) {
    return { ...verdict, degraded: 'stamp', degradedBy: error };
  }
}
