import type { RestApiProps } from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ErrorBodies } from '../../core/errors/error-body.ts';
import type { Presentation } from '../../core/profile/profile.ts';
import type { AlarmGroupProps, ApiAlarm } from '../monitoring/api-alarms.ts';
import type { LogRoleSetter } from '../parts/account-log-role.ts';
import type { OwnThrottle } from './api-stage.ts';
import type { GatewayWording } from './gateway-responses.ts';
import type { VerdictCache } from './verdict-cache.ts';

/** The props of every API of a deployment, which the stacks pass on to it. */
export interface DeployedApiProps extends AlarmGroupProps {
  /**
   * The origins whose pages may call the API from a browser, each exactly as browsers send it, such as
   * `https://app.example.com`. Name the most important one first. API Gateway can name only one origin in the answers that
   * it gives itself, such as a 401 or the 429 of the stage.
   * @default none: only pages of the API's own origin can call it
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * Closes the address that API Gateway gives the API. Set this only where a custom domain leads to the API: otherwise nobody
   * can reach it.
   * @default false
   */
  readonly closesDefaultEndpoint?: boolean | undefined;
  /**
   * Who sets the role with which API Gateway writes logs. An account has one such role in each Region. Say
   * `managed-elsewhere` where the account already has one: Keyward would replace it.
   * @default 'keyward': the role of the `DataStack`, or a role in the stack of the API where it depends on no such stack
   */
  readonly accountLogRole?: LogRoleSetter | undefined;
  /**
   * For how long the logs are kept: the access log, and those of Keyward's own functions.
   * @default three months
   */
  readonly logRetention?: RetentionDays | undefined;
}

/** The props of CDK's `RestApi` that Keyward leaves to you. */
export type OwnRestApiProps = Pick<
  RestApiProps,
  'domainName' | 'endpointConfiguration' | 'minCompressionSize' | 'policy'
>;

export interface GuardedApiProps extends DeployedApiProps {
  /** What the API is, for those who see it in the console of AWS. */
  readonly description: string;
  /** Where callers send their key: the `presentation` of the profile. */
  readonly presentation: Presentation;
  /** Printable characters without quotes or backslashes: the realm stands in a header. */
  readonly realm: string;
  /**
   * The function of the authorizer. It must be in the same stack: otherwise each of the two stacks would need the other.
   * @default none: add every route with `addSelfVerifyingRoute`
   */
  readonly authorizer?: IFunction | undefined;
  /**
   * How errors look that API Gateway answers itself: the `errors` of the product's profile. A `KeyAuthorizer` words what it
   * denies as its profile says, so behind it only that profile's errors are accepted.
   * @default those of the `KeyAuthorizer`'s profile, otherwise problem details in Keyward's words
   */
  readonly errors?: ErrorBodies | undefined;
  /**
   * Media types of bodies that are bytes, such as `audio/wav`. API Gateway decodes an answer where one of them is the first
   * type that the request accepts.
   * @default none: all bodies are text
   */
  readonly binaryMediaTypes?: readonly string[] | undefined;
  /**
   * Caches the verdicts of a `KeyAuthorizer` for a while. Also give the API to the `ManagementStack`, in `flushes`: a call
   * that takes rights away then makes API Gateway forget its verdicts.
   * @default no verdict is cached: a revoked key is refused on the very next request
   */
  readonly verdictCache?: VerdictCache | undefined;
  /**
   * Props of CDK's `RestApi`, such as `domainName` for an address of your own.
   * @default a regional API at the address that API Gateway gives it
   */
  readonly restApiProps?: OwnRestApiProps | undefined;
  /**
   * How many requests a second all callers together may send before API Gateway answers 429. A burst may be twice as large.
   * @default 1000
   */
  readonly requestsPerSecond?: number | undefined;
  /**
   * Methods with a throttle of their own. A flood on the other methods does not use it up.
   * @default none
   */
  readonly ownThrottles?: readonly OwnThrottle[] | undefined;
  /**
   * Request headers of the product that pages of the allowed origins may send. The header of the credential and those of the
   * profile are always allowed.
   * @default none
   */
  readonly allowedHeaders?: readonly string[] | undefined;
  /**
   * The details of the 401 and of the 404 that API Gateway answers itself. Each is one line without quotes, backslashes or
   * dollar signs.
   * @default where the API expects the key, and that there is no such path and method
   */
  readonly details?: Partial<Omit<GatewayWording, 'challenge'>> | undefined;
  /**
   * Alarms of `ApiAlarms` that the API does without.
   * @default none
   */
  readonly withoutAlarms?: readonly ApiAlarm[] | undefined;
}

export interface RouteOptions {
  /**
   * Say `guard` where the function uses `guard` or `guardMcpBehindAuthorizer` of `keyward/middleware`. The authorizer then
   * passes a call beyond its rate limit on, and the guard answers 429 with `Retry-After`, which an authorizer cannot do.
   * **Without a guard the function would run for that call.**
   * @default the authorizer denies the call, with 403 and the code `rate_limited`
   */
  readonly answersRateLimit?: 'guard' | undefined;
}
