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

/** What functions answer. Products bundle these, so the words of API Gateway and of the management API stand elsewhere. */
export const PROBLEMS = {
  not_found: { status: 404, title: 'Not Found', code: 'not_found', detail: 'There is no such resource.' },
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
} as const satisfies Record<string, PublicProblem>;
