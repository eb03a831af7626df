import type { Allowance } from './verdict.ts';

/** How often the time of use is noted where not every call is counted. Unix seconds. */
const STAMP_INTERVAL_SECONDS = 60;

/** @param now Unix seconds. */
export function isStampDue(credential: { readonly lastUsedAt: number | null }, now: number): boolean {
  return (credential.lastUsedAt ?? 0) <= now - STAMP_INTERVAL_SECONDS;
}

/**
 * Notes a use before its verdict is given. The verdict stands on what was read: that its time could not be noted refuses
 * nobody, and is told with the verdict.
 */
export async function recordUse(verdict: Allowance, stamp: () => Promise<void>): Promise<Allowance> {
  try {
    await stamp();
    return verdict;
  } catch (error) {
    return { ...verdict, degraded: 'stamp', degradedBy: error };
  }
}
