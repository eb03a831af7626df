import type { Event, KeywardError } from '../../client/index.ts';
import type { Page } from '../print/list.ts';

export interface FollowOptions {
  readonly readPage: (query: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Event>>;
  /** Gets one event or more, oldest first. */
  readonly show: (events: readonly Event[]) => void;
  /** Says a sentence that is no event. */
  readonly tell: (sentence: string) => void;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** How many events from before to begin with, at most a page. */
  readonly firstCount: number;
}

const PAUSE_MS = 2_000;
const PAGE = 100;
/** As many new events as this between two looks are shown. Of more, the oldest are left out, and it is said. */
const MOST_PAGES = 50;

/**
 * Shows events as they come, oldest first, until it is ended. An event may become visible a moment after a later one, so each look
 * compares the newest page with all that was seen.
 * @throws what asking again would not mend.
 */
export async function followEvents(options: FollowOptions): Promise<never> {
  const { readPage, show, tell, pause, firstCount } = options;
  const { items } = await readPage({ limit: PAGE });
  let seen = new Set(items.map(({ id }) => id));
  showAll(items.slice(0, firstCount), show);
  let isAway = false;
  while (true) {
    await pause(PAUSE_MS);
    try {
      const { fresh, newest, isWhole } = await readFresh(readPage, seen);
      if (isAway) tell('The API answers again.');
      if (!isWhole)
        tell(`There were more than ${fresh.length} new events: the oldest of them are not shown.`);
      isAway = false;
      showAll(fresh, show);
      seen = new Set([...newest, ...[...seen].slice(0, PAGE * 10)]);
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (!isAway) tell('The API does not answer now. This command asks on.');
      isAway = true;
    }
  }
}

function showAll(newestFirst: readonly Event[], show: FollowOptions['show']): void {
  if (newestFirst.length > 0) show(newestFirst.toReversed());
}

async function readFresh(readPage: FollowOptions['readPage'], seen: ReadonlySet<string>) {
  const fresh: Event[] = [];
  const newest: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, next }: Page<Event> = await readPage({ limit: PAGE, ...(cursor !== null && { cursor }) });
    newest.push(...items.map(({ id }) => id));
    fresh.push(...items.filter(({ id }) => !seen.has(id)));
    const isReached = seen.size > 0 && items.some(({ id }) => seen.has(id));
    if (isReached || next === null) return { fresh, newest, isWhole: true };
    cursor = next;
  }
  return { fresh, newest, isWhole: false };
}

/** Tells a failure that may be over at the next look. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'KeywardError') return false;
  const { status, code } = error as KeywardError;
  return ['network', 'timeout'].includes(code) || status === 429 || (status !== null && status >= 500);
}
