/** One AWS action that a function asked for. */
export interface RecordedCall {
  readonly functionId: string;
  /** The IAM action, such as `dynamodb:UpdateItem`; transactions appear as the actions of their parts. */
  readonly action: string;
  /** The ARN of the resource. */
  readonly resource: string;
  readonly allowed: boolean;
  readonly at: Date;
}

/** A long run must not grow without bound. Readers want the newest calls. */
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
