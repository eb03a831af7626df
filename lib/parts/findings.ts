import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * The findings of cdk-nag's AwsSolutions pack that Keyward does not follow, with the reasons. Each construct acknowledges its
 * own, so they also hold in other people's apps. `test/lib/findings.test.ts` runs the pack.
 */
export const REASONS = {
  APIG2:
    'The functions validate bodies, and their answers name the field and what was expected. A product validates its own input.',
  APIG3:
    'A web ACL costs from 5 USD a month, and its rules depend on the traffic: docs/settings.md says how to attach one. Credentials have 178 random bits, and stages are throttled.',
  APIG4:
    'Its function verifies by itself with a guard of keyward/middleware, or serves what is public; or it answers the preflights of browsers, which hold no credential.',
  APIG6:
    'The execution log may hold headers, and so secrets. The access log has a line for each call without any, and functions log why.',
  CFR1: 'The customers of a product may sit in any country.',
  CFR2: 'A web ACL costs from 5 USD a month: docs/settings.md says how to attach one.',
  CFR3: 'The management API logs every call, and the page is public. A log of its files would hold the addresses of visitors.',
  CFR4: 'On a domain of CloudFront’s, CloudFront alone decides which TLS it takes. On a domain of your own it takes TLS 1.2 or newer.',
  COG2: 'The operator decides whether people need a second factor, with the setting mfa.',
  COG4: 'Credentials of Keyward are verified by its own authorizer, which verifies the access tokens of the user pool as well.',
  COG8: 'The plus tier costs money for each person who signs in. The operator decides whether it is worth that.',
  DDB3: 'Rows of a sample, which are deleted with their stack, and sessions, which last hours: a backup would bring back ended ones.',
  IAM4: 'AWS’s own policy is what it documents for the role by which API Gateway writes logs, which is the whole account’s. CDK gives its function that fills the bucket of the console the usual policy for logs.',
  IAM5: 'CDK’s function that fills the bucket of the console. It reads CDK’s bucket of assets, writes the console’s, and runs only in a deployment.',
  L1: 'CDK’s function that fills the bucket of the console. CDK chooses its runtime, and runs it only in a deployment.',
  S1: 'Only CloudFront reads the bucket, and what is in it is public.',
} as const;

export type Finding = keyof typeof REASONS;

/** @param detail tells several findings of one rule apart, in the pack's words. */
export function acknowledgeFinding(construct: IConstruct, finding: Finding, detail?: string): void {
  const id = `AwsSolutions-${finding}${detail === undefined ? '' : `[${detail}]`}`;
  Validations.of(construct).acknowledge({ id, reason: REASONS[finding] });
}
