import { type PublicProblem, UNAVAILABLE } from './public-problem.ts';

/** What only API Gateway itself answers. No bundle of a function holds this file. */
export const GATEWAY_PROBLEMS = {
  no_route: {
    status: 404,
    title: 'Not Found',
    code: 'not_found',
    detail: 'There is no resource with this path and method.',
  },
  /** For a request of which nobody knows what it was, or how far it came. */
  maybe_done: {
    ...UNAVAILABLE,
    detail:
      'The request could not be completed, but it may have been carried out. Check its effect before you repeat a request that changes something.',
  },
  throttled: {
    status: 429,
    title: 'Too Many Requests',
    code: 'rate_limited',
    detail: 'The API is receiving too many requests. Try again after the seconds in Retry-After.',
  },
} as const satisfies Record<string, PublicProblem>;
