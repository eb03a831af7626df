import { LONGEST_CACHE_SECONDS } from '../core/verification/cacheable-verdict.ts';
import { isDeploymentName, LONGEST_NAME } from './stack-names.ts';

/** How one setting is read from the context. */
export interface Setting<Value> {
  /** @returns `undefined` for a value that is not allowed. */
  readonly read: (value: unknown) => Value | undefined;
  /** Completes "must be …". */
  readonly expected: string;
}

export const NAME: Setting<string> = {
  read: (value) => (typeof value === 'string' && isDeploymentName(value) ? value : undefined),
  expected: `letters, digits and hyphens, at most ${LONGEST_NAME} of them, a letter first`,
};

/** `cdk -c` passes values as texts. */
export const TRUE_OR_FALSE: Setting<boolean> = {
  read: (value) => truthIn(value),
  expected: 'true or false',
};

export const ADDRESS: Setting<string> = {
  read: (value) => matching(value, /^https:\/\/[^\s"'<>\\;,]+$/),
  expected: 'an address such as https://app.example.com/settings',
};

export const CONSOLE_ADDRESS: Setting<string> = {
  // Plain HTTP is for the console of a local run.
  read: (value) => matching(value, /^(https:\/\/[^\s#?]+|http:\/\/127\.0\.0\.1:\d+\/console)\/$/),
  expected: 'an address such as https://console.example.com/',
};

export const CERTIFICATE: Setting<string> = {
  read: (value) => matching(value, /^arn:[a-z-]+:acm:us-east-1:\d{12}:certificate\/[\w-]+$/),
  expected: 'the ARN of a certificate in us-east-1, where CloudFront takes certificates from',
};

export const TOPIC: Setting<string> = {
  read: (value) => matching(value, /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+$/),
  expected: 'the ARN of an SNS topic',
};

export const CACHE_SECONDS: Setting<number> = {
  read: (value) => secondsIn(value),
  expected: `a whole number of seconds from 1 to ${LONGEST_CACHE_SECONDS}`,
};

export function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}

/** `cdk -c` passes texts, and `cdk.json` may hold numbers. */
export function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

export function truthIn(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}

function secondsIn(value: unknown): number | undefined {
  const isWhole = isScalar(value) && /^[1-9]\d?$/.test(String(value));
  return isWhole && Number(value) <= LONGEST_CACHE_SECONDS ? Number(value) : undefined;
}

export function oneOf<const Value extends string>(...values: readonly Value[]): Setting<Value> {
  return {
    read: (value) => values.find((each) => each === value),
    expected: values.join(' or '),
  };
}
