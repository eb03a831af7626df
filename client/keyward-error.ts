import type { ProblemCode } from './api.ts';

/**
 * What went wrong: a problem that the API names, or what kept its answer away. `network`: there was no answer. `timeout`: there was
 * none in time. `bad_answer`: something answered that is not the API. A newer API may name problems that are not listed here.
 */
export type ErrorCode = ProblemCode | 'network' | 'timeout' | 'bad_answer' | (string & Record<never, never>);

/** How far a change has come that goes on by itself. */
export interface Progress {
  readonly done: number;
  readonly left: number;
}

interface Facts {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly status?: number;
  readonly retryAfterSeconds?: number | null;
  readonly problem?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A call that was not done. It never holds the credential or anything else that was sent. */
export class KeywardError extends Error {
  override readonly name = 'KeywardError';
  readonly code: ErrorCode;
  /** The HTTP status; `null` if there was no answer. */
  readonly status: number | null;
  /** What happened, for people. */
  readonly detail: string;
  /** With it an operator finds the request in the logs; `null` if there was no answer of the API. */
  readonly requestId: string | null;
  /** The field that is not valid, and what it must be; `null` for other problems. */
  readonly field: string | null;
  readonly expected: string | null;
  /** The scope that the caller lacks, for `insufficient_scope`. */
  readonly requiredScope: string | null;
  /** In how many seconds the API wants to be asked again; `null` if it did not say. */
  readonly retryAfterSeconds: number | null;
  /** For `already_done`: the id of what an earlier call with the same `Idempotency-Key` has made. */
  readonly madeId: string | null;
  /** For `change_in_progress`. */
  readonly progress: Progress | null;

  constructor({ code, detail, status, retryAfterSeconds, problem = {}, cause }: Facts) {
    super(`${detail} (${[code, status, textOf(problem.request_id)].filter(Boolean).join(', ')})`, { cause });
    this.code = code;
    this.status = status ?? null;
    this.detail = detail;
    this.requestId = textOf(problem.request_id);
    this.field = textOf(problem.field);
    this.expected = textOf(problem.expected);
    this.requiredScope = textOf(problem.required_scope);
    this.retryAfterSeconds = retryAfterSeconds ?? null;
    this.madeId = textOf(problem.made_id);
    this.progress = progressOf(problem.progress);
  }
}

/** Reads the problem that an answer tells of. An answer of anything but the API is a `bad_answer`. */
export function readProblem(response: Response, body: unknown): KeywardError {
  const { status } = response;
  const retryAfterSeconds = readRetryAfter(response.headers.get('Retry-After'));
  const problem = isRecord(body) ? body : {};
  const { code, detail } = problem;
  if (typeof code !== 'string' || typeof detail !== 'string')
    return badAnswer(status, { reason: 'Something other than Keyward answered.', retryAfterSeconds });
  return new KeywardError({ code, detail, status, retryAfterSeconds, problem });
}

export function badAnswer(
  status: number,
  {
    reason,
    retryAfterSeconds = null,
  }: { readonly reason: string; readonly retryAfterSeconds?: number | null },
): KeywardError {
  const detail = `${reason} Check the URL of the client.`;
  return new KeywardError({ code: 'bad_answer', detail, status, retryAfterSeconds });
}

/** Only whole seconds, as Keyward and API Gateway send them. */
function readRetryAfter(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : null;
}

function progressOf(value: unknown): Progress | null {
  if (!isRecord(value) || typeof value.done !== 'number' || typeof value.left !== 'number') return null;
  return { done: value.done, left: value.left };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
