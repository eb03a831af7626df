/** Capacity that refills steadily and saves up at most one second's worth. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #atMs = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** @returns whether there was enough. If not, nothing is taken. */
  take(amount: number, nowMs: number): boolean {
    const refilled = ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + refilled);
    this.#atMs = nowMs;
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }
}
