/**
 * @param expiresAt Unix seconds; `null` for never.
 * @param now Unix seconds; what expires at this moment has expired.
 */
export function isExpired(expiresAt: number | null, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
