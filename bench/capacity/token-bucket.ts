/** Capacity that refills steadily, and is saved up for one second at most. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #atMs = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** @returns whether there was as much; nothing is taken where there was not. */
  take(amount: number, nowMs: number): boolean {
    const refilled = ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + refilled);
    this.#atMs = nowMs;
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }
}
