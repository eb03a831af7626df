/** One AWS action that a function asked for. */
export interface RecordedCall {
  readonly functionId: string;
  /** The IAM action, such as `dynamodb:UpdateItem`; transactions appear as the actions of their parts. */
  readonly action: string;
  /** The ARN of what it is done to. */
  readonly resource: string;
  readonly allowed: boolean;
  readonly at: Date;
}

/** A long run must not grow without end; the newest calls are the ones a reader is after. */
const KEPT_CALLS = 100_000;

export class CallRecord {
  #calls: RecordedCall[] = [];

  add(call: RecordedCall): void {
    this.#calls.push(call);
    if (this.#calls.length > 2 * KEPT_CALLS) this.#calls = this.#calls.slice(-KEPT_CALLS);
  }

  all(): RecordedCall[] {
    return [...this.#calls];
  }
}
