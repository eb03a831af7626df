/**
 * Why a credential is refused. Operators see the code (`POST /v1/keys/verify`, the authorizer's log); a caller of a product sees
 * only what {@link REFUSALS} makes of it.
 */
export type RefusalCode =
  | 'missing'
  | 'malformed'
  | 'unknown'
  | 'revoked'
  | 'expired'
  | 'disabled'
  | 'network'
  | 'wrong_workspace'
  | 'insufficient_scope'
  | 'forbidden'
  | 'rate_limited';

/** The public face of a refusal. */
export interface PublicRefusal {
  readonly status: 401 | 403 | 429;
  readonly title: string;
  readonly code: 'unauthorized' | 'insufficient_scope' | 'forbidden' | 'rate_limited';
  readonly detail: string;
  /** What an operator is told. */
  readonly message: string;
}

const unauthorized = {
  status: 401,
  title: 'Unauthorized',
  code: 'unauthorized',
  detail: 'A valid API key is required. It is missing, malformed, unknown, expired, disabled or revoked.',
} as const;

const forbidden = {
  status: 403,
  title: 'Forbidden',
  code: 'forbidden',
  detail: 'The API key is valid but may not do this.',
} as const;

/**
 * The public wording of every refusal. All bad credentials share one answer: whoever holds no secret learns nothing about
 * a key's state. The texts are printed by gateway responses, which escape nothing, so they hold no quote and no backslash.
 */
export const REFUSALS = {
  missing: { ...unauthorized, message: 'No credential was presented.' },
  malformed: { ...unauthorized, message: 'The credential does not have the shape of a key.' },
  unknown: { ...unauthorized, message: 'No such credential exists.' },
  revoked: { ...unauthorized, message: 'The credential was revoked, or a rotation has ended it.' },
  expired: { ...unauthorized, message: 'The credential has expired.' },
  disabled: { ...unauthorized, message: 'The credential is disabled.' },
  network: { ...unauthorized, message: 'The credential may not be used from this network.' },
  wrong_workspace: {
    ...forbidden,
    detail:
      'The credential is valid but not for the workspace that the request names, or it has to name one.',
    message: 'The credential does not work in that workspace, or needs one to be named.',
  },
  insufficient_scope: {
    status: 403,
    title: 'Forbidden',
    code: 'insufficient_scope',
    detail: 'The API key is valid but lacks the scope that this request requires.',
    message: 'The credential lacks the scope that this action requires.',
  },
  forbidden: { ...forbidden, message: 'The credential may not do this.' },
  rate_limited: {
    status: 429,
    title: 'Too Many Requests',
    code: 'rate_limited',
    detail: 'The API key has exceeded its rate limit for the current window.',
    message: 'The credential has exceeded its rate limit.',
  },
} as const satisfies Record<RefusalCode, PublicRefusal>;
