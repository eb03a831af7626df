/** How something that went wrong is worded to callers, whether a function says it or API Gateway does by itself. */
export interface PublicProblem {
  readonly status: number;
  readonly title: string;
  /** Stable; for programs. */
  readonly code: string;
  /** One whole sentence; for people. Holds no quote and no backslash: gateway responses escape nothing. */
  readonly detail: string;
}

export const PROBLEMS = {
  not_found: { status: 404, title: 'Not Found', code: 'not_found', detail: 'There is no such resource.' },
  no_route: {
    ...{ status: 404, title: 'Not Found', code: 'not_found' },
    detail: 'There is no resource with this path and method.',
  },
  unavailable: {
    status: 503,
    title: 'Service Unavailable',
    code: 'unavailable',
    detail: 'The request could not be completed now. It is safe to try again.',
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
