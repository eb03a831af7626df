/** How something that went wrong is worded to callers, whether a function says it or API Gateway does by itself. */
export interface PublicProblem {
  readonly status: number;
  readonly title: string;
  /** Stable; for programs. */
  readonly code: string;
  /** One whole sentence; for people. Holds no quote and no backslash: gateway responses escape nothing. */
  readonly detail: string;
}

const UNAVAILABLE = { status: 503, title: 'Service Unavailable', code: 'unavailable' } as const;

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
  /** For a request that makes something. */
  maybe_made: {
    ...UNAVAILABLE,
    detail:
      'The request could not be completed now, but what it makes may have been made. List what is there before you repeat it, or there may be two.',
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
  /** What was asked for met other changes until there was no more time. */
  conflict: {
    status: 409,
    title: 'Conflict',
    code: 'conflict',
    detail:
      'Other changes were made at the same time, again and again. Nothing was changed by this request. Try again.',
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
