/** What callers read when something went wrong, whether a function answers or API Gateway itself. */
export interface PublicProblem {
  readonly status: number;
  readonly title: string;
  /** Stable; for programs. */
  readonly code: string;
  /** One whole sentence; for people. Holds no quote and no backslash: gateway responses escape nothing. */
  readonly detail: string;
}

/** The page that explains each code and says what to do, from the root of this repository. */
const PROBLEMS_PAGE = '/docs/problems.md';

/**
 * Makes the `type` of a problem (RFC 9457, 3.1.1): the section that explains its code.
 * @see docs/decisions/0028-what-an-error-says.md for why it is relative
 */
export function problemTypeOf(code: string): string {
  return `${PROBLEMS_PAGE}#${code}`;
}

/** The common part of all passing faults. */
export const UNAVAILABLE = { status: 503, title: 'Service Unavailable', code: 'unavailable' } as const;

export const PROBLEMS = {
  not_found: { status: 404, title: 'Not Found', code: 'not_found', detail: 'There is no such resource.' },
  no_route: {
    status: 404,
    title: 'Not Found',
    code: 'not_found',
    detail: 'There is no resource with this path and method.',
  },
  /** For a request that is safe to repeat: it reads, or doing it twice changes nothing more. */
  unavailable: {
    ...UNAVAILABLE,
    detail: 'The request could not be completed now. It is safe to try again.',
  },
  /** For a request of which nobody knows what it was, or how far it came. */
  maybe_done: {
    ...UNAVAILABLE,
    detail:
      'The request could not be completed, but it may have been carried out. Check its effect before you repeat a request that changes something.',
  },
  /** For a request that was not carried out, because its credential could not be checked. */
  not_begun: {
    ...UNAVAILABLE,
    detail:
      'The request was not carried out, because its credential could not be checked. It is safe to try again.',
  },
  internal_error: {
    status: 500,
    title: 'Internal Server Error',
    code: 'internal_error',
    detail: 'The request could not be completed.',
  },
  throttled: {
    status: 429,
    title: 'Too Many Requests',
    code: 'rate_limited',
    detail: 'The API is receiving too many requests. Try again after the seconds in Retry-After.',
  },
} as const satisfies Record<string, PublicProblem>;
