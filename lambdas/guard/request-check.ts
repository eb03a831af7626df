import { randomUUID } from 'node:crypto';
import type { Principal } from '../../core/access/principal.ts';
import type { MultiValueHeaders } from '../../core/verification/presentation.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import { problemResponse } from '../http/problem.ts';
import { problemOfVerdict } from './profile-guards.ts';
import { rateHeaders } from './rest-answer.ts';
import { readRoute } from './route-requirement.ts';
import { type Verifier, verifyRequest } from './verdict-source.ts';

/** A request, as a server hands it over. */
export interface CheckedRequest {
  /**
   * The method, and the route that the server has matched: `GET /orders/{id}` or `GET /orders/:id`. Never the path that the
   * caller has sent: one place has many spellings there, and each could meet another rule.
   */
  readonly route: string;
  /** Every value of each header: a `Headers` object, or `headersDistinct` of Node's request. Its `headers` hide repeated ones. */
  readonly headers: Headers | MultiValueHeaders;
  /** The address of the caller, which a key may be bound to. Behind a proxy of your own, the one that this proxy states. */
  readonly sourceAddress: string;
  /**
   * The id of the request, for the log and for an error's `request_id`.
   * @default a random one
   */
  readonly requestId?: string | undefined;
}

export type RequestVerdict =
  | {
      readonly kind: 'allow';
      readonly principal: Principal;
      /** Add them to your answer: the rest of the caller's limit, where the profile has limits. */
      readonly headers: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'refuse';
      /** 401, 403 or 429; 503 or 500 where the check could not be made. */
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };

export type RequestCheck = (request: CheckedRequest) => Promise<RequestVerdict>;

/** Makes a check that decides by the route, as the authorizer does. */
export function createRequestCheck(verifier: Verifier): RequestCheck {
  const { profile } = verifier;
  return async ({ route, headers, sourceAddress, requestId = randomUUID() }) => {
    const requirement = requirementFor(profile, readRoute(route));
    const request = { headers: readHeaders(headers), sourceAddress, requestId };
    const verdict = await verifyRequest(verifier, request, () => requirement);
    if (verdict.kind === 'allow')
      return {
        kind: 'allow',
        principal: verdict.principal,
        headers: verdict.rate === undefined ? {} : rateHeaders(verdict.rate),
      };
    const problem = problemOfVerdict(profile, verdict);
    const { statusCode, headers: answered, body } = problemResponse(problem, requestId, profile.errors);
    return { kind: 'refuse', status: statusCode, headers: answered as Record<string, string>, body };
  };
}

function readHeaders(headers: Headers | MultiValueHeaders): MultiValueHeaders {
  // A `Headers` of another library is not an instance of Node's own.
  if (isHeaders(headers)) return Object.fromEntries([...headers].map(([name, value]) => [name, [value]]));
  const [single] = Object.entries(headers).filter(([, values]) => typeof values === 'string');
  if (single === undefined) return headers;
  throw new TypeError(
    'The headers hold one text for each name and may hide repeated ones: pass headersDistinct of the request.',
  );
}

function isHeaders(headers: Headers | MultiValueHeaders): headers is Headers {
  return typeof headers.get === 'function';
}
