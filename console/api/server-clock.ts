/** Below this, clocks count as the same: an answer is a while on its way, and its header knows whole seconds only. */
const LEAST_SKEW_MS = 60_000;

/**
 * The time as the API sees it. Clocks of computers are wrong by hours now and then: a key that was just used would have been used
 * "in 2 hours", and one for 7 days would end too early.
 */
export class ServerClock {
  #skewMs = 0;
  readonly #listeners = new Set<() => void>();

  /** In milliseconds since the Unix epoch. Before the first answer, and where answers have no time, it is the computer's own. */
  readonly now = (): number => Date.now() + this.#skewMs;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @param date the header `Date` of an answer that has just come; `null` where the browser does not show it. */
  learn(date: string | null): void {
    const skew = Date.parse(date ?? '') - Date.now();
    if (Number.isNaN(skew) || Math.abs(skew - this.#skewMs) < LEAST_SKEW_MS) return;
    this.#skewMs = Math.abs(skew) < LEAST_SKEW_MS ? 0 : skew;
    for (const listener of this.#listeners) listener();
  }
}
