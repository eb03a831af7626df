/** How something that went wrong is worded to callers, whether a function says it or API Gateway does by itself. */
export interface PublicProblem {
  readonly status: number;
  readonly title: string;
  /** Stable; for programs. */
  readonly code: string;
  /** One whole sentence; for people. Holds no quote and no backslash: gateway responses escape nothing. */
  readonly detail: string;
}

/** The page that says of each code what it means and what to do, from the root of this repository. */
const PROBLEMS_PAGE = '/docs/problems.md';

/**
 * What `type` says (RFC 9457, 3.1.1): the name of the section that tells of the code.
 * @see docs/decisions/0028-what-an-error-says.md for why it is relative
 */
export function problemTypeOf(code: string): string {
  return `${PROBLEMS_PAGE}#${code}`;
}

/** What every trouble that passes has in common. */
export const UNAVAILABLE = { status: 503, title: 'Service Unavailable', code: 'unavailable' } as const;

export const PROBLEMS = {
  not_found: { status: 404, title: 'Not Found', code: 'not_found', detail: 'There is no such resource.' },
  no_route: {
    ...{ status: 404, title: 'Not Found', code: 'not_found' },
    detail: 'There is no resource with this path and method.',
  },
  /** For a request that may be repeated: it reads, or asks for what is so already if it was done. */
  unavailable: {
    ...UNAVAILABLE,
    detail: 'The request could not be completed now. It is safe to try again.',
  },
  /** Where nobody knows what the request was, or how far it came. */
  maybe_done: {
    ...UNAVAILABLE,
    detail:
      'The request could not be completed, but it may have been carried out. Look at what is there before you repeat a request that changes something.',
  },
  /** For a request whose credential could not be checked, so that it went no further. */
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
