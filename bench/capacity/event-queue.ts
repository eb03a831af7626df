interface Event {
  readonly atMs: number;
  readonly happen: () => void;
}

/** The events of a simulation in the order of simulated time: a binary heap with the earliest on top. */
export class EventQueue {
  readonly #heap: Event[] = [];

  add(atMs: number, happen: () => void): void {
    const heap = this.#heap;
    let index = heap.push({ atMs, happen }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#at(parent).atMs <= this.#at(index).atMs) break;
      this.#swap(parent, index);
      index = parent;
    }
  }

  /** Runs until no event is left. */
  run(): void {
    for (let next = this.#takeEarliest(); next !== undefined; next = this.#takeEarliest()) next.happen();
  }

  #takeEarliest(): Event | undefined {
    const heap = this.#heap;
    const earliest = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return earliest;
    heap[0] = last;
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      if (left >= heap.length) return earliest;
      const right = left + 1;
      const child = right < heap.length && this.#at(right).atMs < this.#at(left).atMs ? right : left;
      if (this.#at(index).atMs <= this.#at(child).atMs) return earliest;
      this.#swap(index, child);
      index = child;
    }
  }

  #at(index: number): Event {
    return this.#heap[index] as Event;
  }

  #swap(one: number, other: number): void {
    const kept = this.#at(one);
    this.#heap[one] = this.#at(other);
    this.#heap[other] = kept;
  }
}
