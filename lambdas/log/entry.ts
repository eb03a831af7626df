import type { SignedInUser } from '../../core/access/principal.ts';
import { isPassing } from '../../core/errors/fault.ts';
import type { Degradation, Refusal } from '../../core/verification/verdict.ts';

/** One line of a function's log, apart from what every line says about where it comes from. */
export interface LogEntry {
  readonly level: 'INFO' | 'WARN' | 'ERROR';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** What CloudWatch counts by this line. */
  readonly metric?: Metric;
}

/**
 * A fault, and whether it passes by itself or somebody has to mend it. Names and messages only, along the chain of causes: an
 * event or a body could hold a secret, and a stack may hold either.
 */
export function faultEntry(error: unknown, metric?: Metric): LogEntry {
  return { level: 'ERROR', message: 'fault', fields: describeFault(error), ...(metric && { metric }) };
}

function describeFault(error: unknown) {
  const causes = [];
  for (let cause = error; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push({ name: cause.name, message: cause.message });
  }
  return { kind: isPassing(error) ? 'passing' : 'defect', causes };
}

/**
 * Why a caller was turned away, so that an operator can tell; the caller is not told.
 * @param person where somebody who has signed in was refused, and no credential.
 */
export function refusalEntry({ code, principal }: Refusal, person?: SignedInUser): LogEntry {
  const { credentialId = null, workspace = null } = principal ?? {};
  return {
    ...{ level: 'INFO', message: 'refused' },
    fields: { code, credential_id: credentialId, workspace, user: person?.user ?? null },
    metric: { name: 'Refused', value: 1, unit: 'Count', by: 'code' },
  };
}

/** A call that was answered 503 and asked to come again. Whoever sends it holds no secret, so no alarm hangs on it. */
export function undecidedEntry({ message }: Error): LogEntry {
  return { level: 'WARN', message: 'undecided', fields: { reason: message } };
}

/** A call that was let through by reading alone: what was to be written of it could not be, and why. */
export function degradedEntry({
  degraded,
  degradedBy,
  principal,
}: Degradation & {
  readonly principal: { readonly credentialId: string; readonly workspace: string | null };
}): LogEntry {
  const { credentialId, workspace } = principal;
  const name = degraded === 'limit' ? 'LimitDegraded' : 'UseNotNoted';
  return {
    ...{ level: 'WARN', message: 'allowed without counting' },
    fields: {
      ...{ gave_way: degraded, credential_id: credentialId, workspace },
      ...describeFault(degradedBy),
    },
    metric: { name, value: 1, unit: 'Count' },
  };
}

/** The metrics of our own. What they mean, and what to do about them, stands in docs/operations.md. */
export const METRIC_NAMES = [
  'Refused',
  'AuthorizationFault',
  'LimitDegraded',
  'UseNotNoted',
  'ManagementCall',
  'OldestPendingSeconds',
  'SweepFault',
  'AuditFault',
  'FlushFault',
  'SignInFault',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

export interface Metric {
  readonly name: MetricName;
  readonly value: number;
  readonly unit: 'Count' | 'Seconds';
  /** The field of its line that splits it further: every value of it is paid for as a metric. */
  readonly by?: 'code' | 'outcome' | 'kind';
}

/** Counts one of something that is split no further. */
export function one(name: MetricName): Metric {
  return { name, value: 1, unit: 'Count' };
}

/** A credential that could not be checked, by whether that passes or has to be mended: its line says the `kind`. */
export const AUTHORIZATION_FAULT: Metric = { ...one('AuthorizationFault'), by: 'kind' };

/**
 * What makes CloudWatch count a line of a log: its embedded metric format. Dimensions are names of the line's own fields.
 * @param at milliseconds since the epoch.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetric({ name, value, unit, by }: Metric, at: number): Record<string, unknown> {
  const dimensions = [['stack'], ...(by === undefined ? [] : [['stack', by]])];
  return {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        { Namespace: 'Keyward', Dimensions: dimensions, Metrics: [{ Name: name, Unit: unit }] },
      ],
    },
    [name]: value,
  };
}

/** Lines of all functions are found by it, in whichever log group they are. */
export const SERVICE = 'keyward';

/** The stack whose API or work a function serves; a function that was not told belongs to none. */
export function stackName(): string {
  return process.env.KEYWARD_STACK || 'none';
}
