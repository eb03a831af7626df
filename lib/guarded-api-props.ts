import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ErrorBodies } from '../core/errors/error-body.ts';
import type { Presentation } from '../core/profile/profile.ts';
import type { LogRoleSetter } from './account-log-role.ts';
import type { ApiAlarm } from './api-alarms.ts';
import type { GatewayWording } from './gateway-responses.ts';
import type { VerdictCache } from './verdict-cache.ts';

export interface GuardedApiProps {
  readonly description: string;
  readonly presentation: Presentation;
  /** Printable characters, without quotes or backslashes: it stands in a header. */
  readonly realm: string;
  /**
   * The authorizer's function, of the same stack: from another one, the two stacks would need each other.
   * @default none: every route is added with `addSelfVerifyingRoute`
   */
  readonly authorizer?: IFunction;
  /**
   * How the errors look that API Gateway answers by itself: the `errors` of the product's profile. Behind a
   * `ProductAuthorizer` no others will do, since it words what it denies as its profile says.
   * @default those of the `ProductAuthorizer`'s profile, or else problem details in Keyward's words
   */
  readonly errors?: ErrorBodies | undefined;
  /**
   * Types of bodies that are bytes, such as `audio/wav`. API Gateway decodes an answer where the first type that the request
   * accepts is one of them.
   * @default none: all bodies are text
   */
  readonly binaryMediaTypes?: readonly string[];
  /**
   * Keeps the verdicts of a `ProductAuthorizer` for a while. Name the API to the `ManagementStack` as well, in `flushes`:
   * what takes power away then makes API Gateway forget them.
   * @default none is kept: a revoked key is refused on the very next request
   */
  readonly verdictCache?: VerdictCache;
  /**
   * Requests a second over all callers, before API Gateway answers 429; twice as many at once.
   * @default 1000
   */
  readonly requestsPerSecond?: number;
  /**
   * Methods that have a throttle of their own, twice as many at once, so that a flood on the others does not use it up.
   * @default none
   */
  readonly ownThrottles?: readonly OwnThrottle[];
  /**
   * The origins whose pages may call the API from a browser, each exactly as browsers send it, such as
   * `https://app.example.com`. Name the most important one first: where API Gateway answers by itself, such as 401 and 429 of
   * the stage, it can name one origin only.
   * @default none: a page of another origin than the API's own can call nothing
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * Request headers of the product's own that those pages may send, besides the one with the credential and those of the
   * profile.
   * @default none
   */
  readonly allowedHeaders?: readonly string[];
  /**
   * Closes API Gateway's own address of the API. Say so only where a custom domain leads to it: without one, nobody reaches
   * the API any more.
   * @default false
   */
  readonly closesDefaultEndpoint?: boolean;
  /**
   * Who sets the role by which API Gateway writes logs, of which an account has one in each Region. Say `managed-elsewhere`
   * where the account has one already: Keyward's would take its place.
   * @default 'keyward': the role of the `DataStack`, or one of this stack's own where no stack that it depends on has one
   */
  readonly accountLogRole?: LogRoleSetter | undefined;
  /**
   * What a 401 and a 404 of API Gateway's own say, in one line without quotes, backslashes or dollar signs.
   * @default where the key is expected, and that there is no such path and method
   */
  readonly details?: Partial<Omit<GatewayWording, 'challenge'>>;
  /**
   * The ARN of the SNS topic that alarms tell.
   * @default nobody is told: alarms are seen in CloudWatch only
   */
  readonly alarmTopicArn?: string | undefined;
  /** As that of `ApiAlarms`. @default none */
  readonly withoutAlarms?: readonly ApiAlarm[];
}

export interface RouteOptions {
  /**
   * Say `guard` where the function holds `guard` or `guardMcpBehindAuthorizer` of `keyward/middleware`. A call beyond its
   * rate limit is then handed to it, and it answers 429 with `Retry-After`, which an authorizer cannot. **Where no guard is,
   * the call would run.**
   * @default the authorizer denies such a call, with 403 and the code `rate_limited`
   */
  readonly answersRateLimit?: 'guard';
}

/** A throttle of one method: what others are sent does not use it up. */
export interface OwnThrottle {
  readonly method: string;
  readonly path: string;
  readonly requestsPerSecond: number;
}
