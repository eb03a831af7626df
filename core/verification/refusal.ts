import type { Presentation } from '../profile/profile.ts';
import { credentialHeader } from './presentation.ts';

/**
 * Why a credential is refused. Operators see the code, from `POST /v1/keys/verify` and in the authorizer's log. A product's caller
 * sees only the public face in {@link REFUSALS}.
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
}

const UNAUTHORIZED = {
  status: 401,
  title: 'Unauthorized',
  code: 'unauthorized',
  detail: 'A valid API key is required. It is missing, malformed, unknown, expired, disabled or revoked.',
} as const;

const FORBIDDEN = {
  status: 403,
  title: 'Forbidden',
  code: 'forbidden',
  detail: 'The API key is valid but may not do this.',
} as const;

/**
 * The public wording of every refusal. All bad credentials get the same answer, so a caller without the secret learns nothing about
 * a key's state. Gateway responses print the texts and escape nothing, so the texts hold no quotes and no backslashes.
 */
export const REFUSALS = {
  missing: UNAUTHORIZED,
  malformed: UNAUTHORIZED,
  unknown: UNAUTHORIZED,
  revoked: UNAUTHORIZED,
  expired: UNAUTHORIZED,
  disabled: UNAUTHORIZED,
  network: UNAUTHORIZED,
  wrong_workspace: {
    ...FORBIDDEN,
    detail:
      'The credential is valid but not for the workspace that the request names, or it has to name one.',
  },
  insufficient_scope: {
    status: 403,
    title: 'Forbidden',
    code: 'insufficient_scope',
    detail: 'The API key is valid but lacks the scope that this request requires.',
  },
  forbidden: FORBIDDEN,
  rate_limited: {
    status: 429,
    title: 'Too Many Requests',
    code: 'rate_limited',
    detail: 'The API key has exceeded its rate limit for the current window.',
  },
} as const satisfies Record<RefusalCode, PublicRefusal>;

/** The challenge that a 401 carries (RFC 9110, 11.6.1). */
export function challengeOf(presentation: Presentation, realm: string): string {
  if (presentation.kind === 'bearer') return `Bearer realm="${realm}"`;
  return `ApiKey realm="${realm}", header="${presentation.header}"`;
}

/**
 * The detail of a product's 401: where the key is expected, and never which check it failed. It holds no quotes and no backslashes.
 * @param header from {@link credentialHeader}.
 */
export function unauthorizedDetail(header: string): string {
  if (header === 'authorization')
    return 'A valid API key is required in the header Authorization: Bearer KEY, copied whole and without whitespace. It is missing, malformed, unknown, expired, disabled or revoked.';
  return `A valid API key is required in the header ${header}. The header is missing, malformed, or does not match an active key.`;
}
