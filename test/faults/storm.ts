import { performance } from 'node:perf_hooks';
import { randomFrom, report } from '../campaigns/campaign.ts';
import { type Answer, send, startProduct, type TestProduct } from '../product.ts';
import { outcomeOf, type RecordedAnswer } from './answer-record.ts';
import type { CredentialHistory, Use } from './credential-history.ts';
import { type FaultSchedule, faultSchedule } from './fault-schedule.ts';
import type { Span, Write } from './history.ts';

export interface Request {
  /** What is asked for, in a word or two. */
  readonly asked: string;
  readonly url: string;
  readonly method?: string;
  readonly credential?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A change that was asked for, and what to write down of it unless it was refused. */
export interface Change {
  readonly request: Request;
  readonly note: (asked: Span & { readonly isDone: boolean }, body: Answer['body']) => void;
}

/** A product under faults, and everything that happened. */
export interface Storm {
  readonly product: TestProduct;
  readonly faults: FaultSchedule;
  readonly answers: RecordedAnswer[];
  /** The codes with which changes were refused. */
  readonly refusals: Set<string>;
  readonly credentials: CredentialHistory[];
  /** What was answered 503 and never asked again since. */
  unfinished: Change[];
}

export async function startStorm(profileName: string): Promise<Storm> {
  const faults = faultSchedule(`faults of ${profileName}`);
  const product = await startProduct(profileName, { intercept: faults.intercept });
  return { product, faults, answers: [], refusals: new Set(), credentials: [], unfinished: [] };
}

/** Sends a request and writes its answer down, which every answer is judged by. */
export async function ask(storm: Storm, { asked, url, ...request }: Request): Promise<Answer & Span> {
  const startedAt = performance.now();
  const answer = await send(url, request);
  const span = { startedAt, endedAt: performance.now() };
  const { status, headers, body } = answer;
  const retryAfter = headers.get('retry-after');
  storm.answers.push({ asked, status, retryAfter, text: JSON.stringify(body), ...span });
  return { ...answer, ...span };
}

/** Asks for a change, and writes down what may have come of it. */
export async function change(storm: Storm, asked: Change): Promise<Answer> {
  const answer = await ask(storm, asked.request);
  const { startedAt, endedAt, status, body } = answer;
  const outcome = outcomeOf(status);
  if (status >= 400 && status < 500) storm.refusals.add(`${asked.request.asked}: ${status} ${body?.code}`);
  if (outcome !== 'refused') asked.note({ startedAt, endedAt, isDone: outcome === 'done' }, body);
  if (outcome === 'unknown') storm.unfinished.push(asked);
  return answer;
}

/** @returns a write of a value, as a change notes it. */
export function written<Value>(asked: Omit<Write<Value>, 'value'>, value: Value): Write<Value> {
  return { ...asked, value };
}

/** Makes one request with a credential, and writes down what became of it unless nobody could tell. */
export async function use(
  storm: Storm,
  credential: CredentialHistory,
  { text, needs, request }: Pick<Use, 'text' | 'needs'> & { readonly request: Omit<Request, 'asked'> },
): Promise<void> {
  const { status, body, startedAt, endedAt } = await ask(storm, { ...request, asked: `use to ${needs}` });
  // No verdict; whether it may be said at all is judged with every other answer.
  if (status >= 500) return;
  const seen = status === 401 ? 'unauthorized' : status === 403 ? 'forbidden' : 'allowed';
  // Older clients of MCP are refused within a 200.
  if (seen === 'allowed' && (status !== 200 || body?.result?.isError))
    throw new Error(`A use was answered ${status}: ${JSON.stringify(body)}`);
  credential.uses.push({ text, needs, seen, startedAt, endedAt });
}

/**
 * Lets workers change things and callers use them, side by side, until every worker has done its part.
 * @param plan.work does one thing, drawn from the worker's own numbers.
 */
export async function rage(
  storm: Storm,
  plan: {
    readonly workers: number;
    readonly changesEach: number;
    readonly callers: number;
    readonly work: (random: () => number) => Promise<unknown>;
    readonly call: (random: () => number) => Promise<unknown>;
  },
): Promise<void> {
  const { records, secrets, events, managementKeys } = storm.product.tables;
  const { profile } = storm.product;
  storm.faults.begin([records, secrets, events, managementKeys]);
  let isOver = false;
  const callers = Array.from({ length: plan.callers }, async (_, index) => {
    const random = randomFrom(`caller ${index} of ${profile.name}`);
    while (!isOver) await plan.call(random);
  });
  const workers = Array.from({ length: plan.workers }, async (_, index) => {
    const random = randomFrom(`worker ${index} of ${profile.name}`);
    for (let done = 0; done < plan.changesEach; done += 1) await plan.work(random);
  });
  await Promise.all(workers).finally(() => {
    isOver = true;
  });
  await Promise.all(callers);
  await storm.faults.end();
}

/**
 * Asks again for what was answered 503, as a caller would.
 * @returns the requests that were answered 503 once more.
 */
export async function repeatUnfinished(
  storm: Storm,
  isMeant: (change: Change) => boolean = () => true,
): Promise<string[]> {
  const repeated = storm.unfinished.filter(isMeant);
  storm.unfinished = storm.unfinished.filter((one) => !isMeant(one));
  const failed: string[] = [];
  for (const one of repeated) {
    const { status } = await change(storm, one);
    if (status >= 500) failed.push(`${one.request.asked}: ${status}`);
  }
  return failed;
}

export function drawFrom<Thing>(things: readonly Thing[], random: () => number): Thing {
  const thing = things[Math.floor(random() * things.length)];
  if (thing === undefined) throw new Error('There is nothing to draw from.');
  return thing;
}

/** What the table says was tried, in whichever property. */
export function triedIn({ faults, answers, credentials }: Storm): [string, number][] {
  const injected = [...faults.met.values()].reduce((sum, count) => sum + count, 0);
  const uses = credentials.flatMap((credential) => credential.uses);
  return [
    ['faults', injected],
    ['answers', answers.length],
    ['of them 503', answers.filter(({ status }) => status === 503).length],
    ['verdicts', uses.length],
  ];
}

export function reportStorm(storm: Storm, property: string, lost: number): void {
  report({ property: `${storm.product.profile.name}: ${property}`, tried: triedIn(storm), lost });
}
