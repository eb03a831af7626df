import * as v from 'valibot';
import { LONGEST_ORIGIN_LIST, originFault, writeAllowedOrigins } from '../../core/access/allowed-origins.ts';
import { LONGEST_RETENTION_DAYS, SHORTEST_RETENTION_DAYS } from '../../core/audit/event-store.ts';
import { MOST_KEYS_PER_MEMBER } from '../../core/management/key-store.ts';
import { choice, integer, nonEmptyList, object, text } from '../../core/profile/schema-parts.ts';
import { LONGEST_CACHE_SECONDS } from '../../core/verification/cacheable-verdict.ts';
import { ownIssuerFields } from '../sign-in/own-issuer.ts';
import { isDeploymentName, LONGEST_NAME } from './stack-names.ts';

const NAME = `letters, digits and hyphens, at most ${LONGEST_NAME} of them, a letter first`;
const name = v.pipe(v.string(NAME), v.check(isDeploymentName, NAME));

const truth = v.boolean('true or false');

const address = text(
  /^https:\/\/[^\s"'<>\\;,]+$/,
  'an address that starts with https://, such as https://app.example.com/settings',
);

// Plain HTTP is for the console of a local run.
const consoleUrl = text(
  /^(https:\/\/[^\s#?]+|http:\/\/127\.0\.0\.1:\d+\/console)\/$/,
  'an address such as https://console.example.com/',
);

const DOMAIN = 'a domain in lower case, such as keys.example.com';
const domain = v.strictObject({
  name: text(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, DOMAIN),
  certificate_arn: text(
    /^arn:[a-z-]+:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
    'the ARN of a certificate in us-east-1, where CloudFront takes certificates from',
  ),
});

const ORIGIN = 'an origin such as https://console.example.com';
const TOO_LONG = `a list of origins with at most ${LONGEST_ORIGIN_LIST} characters in all`;
const origins = v.pipe(
  nonEmptyList(
    v.pipe(
      v.string(ORIGIN),
      v.check(
        (origin) => originFault(origin) === undefined,
        ({ input }) => `an origin: ${originFault(input)}`,
      ),
    ),
    'origin',
  ),
  v.check((list) => writeAllowedOrigins(list).length <= LONGEST_ORIGIN_LIST, TOO_LONG),
);

const RETENTION = `a whole number of days from ${SHORTEST_RETENTION_DAYS} to ${LONGEST_RETENTION_DAYS}, or "forever"`;
const retention = v.union(
  [integer(SHORTEST_RETENTION_DAYS, LONGEST_RETENTION_DAYS, RETENTION), v.literal('forever')],
  RETENTION,
);

/** The days that CloudWatch knows. They stand here as well as in CDK, which takes commands too long to load. */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
const LOG_RETENTION = `a number of days that CloudWatch knows: ${LOG_RETENTION_DAYS.join(', ')}`;

const SIGN_IN = 'of the kind "cognito" or "oidc"';
const signIn = v.variant(
  'kind',
  [
    v.strictObject({
      kind: v.literal('cognito'),
      accounts: v.optional(choice(['operator', 'anyone']), 'operator'),
      mfa: v.optional(choice(['optional', 'required']), 'optional'),
    }),
    v.strictObject({ kind: v.literal('oidc'), ...ownIssuerFields }),
  ],
  SIGN_IN,
);

/** The fields of the file of a deployment. */
export const deploymentFields = v.strictObject({
  $schema: v.exactOptional(v.string('a text')),
  profile: text(/^\S/, 'the name of a profile, or the path of its file'),
  name: v.exactOptional(name),
  stack_prefix: v.exactOptional(name),
  sample: v.optional(truth, false),
  cache_seconds: v.exactOptional(integer(1, LONGEST_CACHE_SECONDS)),
  sign_in: v.optional(signIn, { kind: 'cognito' }),
  console: v.exactOptional(
    v.strictObject({
      deploy: v.exactOptional(truth),
      url: v.exactOptional(consoleUrl),
      product_url: v.exactOptional(address),
      frame_origins: v.exactOptional(origins),
      return_url: v.exactOptional(address),
    }),
  ),
  domain: v.exactOptional(domain),
  allowed_origins: v.exactOptional(origins),
  default_endpoint: v.optional(choice(['open', 'closed']), 'open'),
  keys_per_member: v.exactOptional(integer(1, MOST_KEYS_PER_MEMBER)),
  events: v.exactOptional(v.strictObject({ retention_days: retention })),
  alarms: v.exactOptional(
    v.strictObject({
      topic_arn: text(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic'),
    }),
  ),
  dashboard: v.optional(truth, true),
  log_retention_days: v.exactOptional(v.picklist(LOG_RETENTION_DAYS, LOG_RETENTION)),
  kms_key_arn: v.exactOptional(
    text(
      /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
      'the ARN of a key of KMS, and not that of an alias',
    ),
  ),
  manage_account_log_role: v.optional(truth, true),
});

/** What the file of a deployment may say. */
export const deploymentSchema = object(deploymentFields);

/** What a deployment is, as its file says it. */
export type DeploymentFile = v.InferInput<typeof deploymentFields>;

export type DeploymentData = v.InferOutput<typeof deploymentFields>;
