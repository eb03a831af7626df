/** How often the time of use is noted where not every call is counted. Unix seconds. */
const STAMP_INTERVAL_SECONDS = 60;

/** @param now Unix seconds. */
export function isStampDue(credential: { readonly lastUsedAt: number | null }, now: number): boolean {
  return (credential.lastUsedAt ?? 0) <= now - STAMP_INTERVAL_SECONDS;
}
