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

export function secondsIn(value: unknown): number | undefined {
  const isWhole = isScalar(value) && /^[1-9]\d?$/.test(String(value));
  return isWhole && Number(value) <= LONGEST_CACHE_SECONDS ? Number(value) : undefined;
}

export function oneOf<const Value extends string>(...values: readonly Value[]): Setting<Value> {
  return {
    read: (value) => values.find((each) => each === value),
    expected: values.join(' or '),
  };
}
