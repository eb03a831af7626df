/**
 * Every check of an expiry comes here: `judge` in `verification/verdict.ts` and `verifyToken` for a presented credential, the
 * guard for a cached verdict, `serve` for a caller of the management API, `statusOf` for the status that people see, and the
 * stores.
 * @param expiresAt Unix seconds; `null` for never.
 * @param now Unix seconds; `expiresAt === now` counts as expired.
 */
export function isExpired(expiresAt: number | null, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
