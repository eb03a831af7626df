import type { SignedInUser } from '../../core/access/principal.ts';
import { isPassing } from '../../core/errors/fault.ts';
import type { Degradation, Refusal } from '../../core/verification/verdict.ts';

/** One line of a function's log, without the fields that every line has: the time, the function, the request. */
export interface LogEntry {
  readonly level: 'INFO' | 'WARN' | 'ERROR';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The metric that CloudWatch reads from this line. */
  readonly metric?: Metric | undefined;
}

/**
 * Describes a fault, and whether it passes by itself or somebody has to repair it. The entry holds the names and messages of
 * the chain of causes only: an event, a body or a stack could hold a secret.
 */
export function faultEntry(error: unknown, metric?: Metric): LogEntry {
  return { level: 'ERROR', message: 'fault', fields: describeFault(error), metric };
}

function describeFault(error: unknown) {
  const causes = [];
  for (let cause = error; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push({ name: cause.name, message: cause.message });
  }
  return { kind: isPassing(error) ? 'passing' : 'defect', causes };
}

/**
 * Tells an operator why a caller was refused. The caller is not told as much.
 * @param person the refused person, where somebody has signed in and sent no credential.
 */
export function refusalEntry({ code, principal }: Refusal, person?: SignedInUser): LogEntry {
  const { credentialId = null, workspace = null } = principal ?? {};
  return {
    level: 'INFO',
    message: 'refused',
    fields: { code, credential_id: credentialId, workspace, user: person?.user ?? null },
    metric: { name: 'Refused', value: 1, unit: 'Count', by: 'code' },
  };
}

/** A call that was answered 503 and asked to come again. Anybody can cause one without a secret, so it raises no alarm. */
export function undecidedEntry({ message }: Error): LogEntry {
  return { level: 'WARN', message: 'undecided', fields: { reason: message } };
}

/** What the line says of a call that was allowed, and the metric that counts it. A hash that stays harms nobody. */
const GAVE_WAY = {
  limit: { message: 'allowed without counting', metric: 'LimitDegraded' },
  stamp: { message: 'allowed without counting', metric: 'UseNotNoted' },
  hash: { message: 'hash not replaced', metric: undefined },
} as const satisfies Record<Degradation['degraded'], { message: string; metric: MetricName | undefined }>;

/** A call that was allowed although something about it could not be written down: what was skipped, and why. */
export function degradedEntry({
  degraded,
  degradedBy,
  principal,
}: Degradation & {
  readonly principal: { readonly credentialId: string; readonly workspace: string | null };
}): LogEntry {
  const { kind, causes } = describeFault(degradedBy);
  const { message, metric } = GAVE_WAY[degraded];
  return {
    level: 'WARN',
    message,
    fields: {
      gave_way: degraded,
      credential_id: principal.credentialId,
      workspace: principal.workspace,
      kind,
      causes,
    },
    metric: metric && countOne(metric),
  };
}

/** Keyward's own metrics. docs/operations.md says what each one means and what to do about it. */
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
  /** A field of the same line that splits the metric. AWS charges for each value of it as for a metric of its own. */
  readonly by?: 'code' | 'outcome' | 'kind';
}

/** A metric that counts one event and is split no further. */
export function countOne(name: MetricName): Metric {
  return { name, value: 1, unit: 'Count' };
}

/** Counts a credential that could not be checked. The `kind` on its line says whether the trouble passes by itself. */
export const AUTHORIZATION_FAULT: Metric = {
  name: 'AuthorizationFault',
  value: 1,
  unit: 'Count',
  by: 'kind',
};

/**
 * Makes CloudWatch read a metric from a line of a log, in its embedded metric format. Dimensions are names of fields of the
 * same line.
 * @param at milliseconds since the epoch.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embedMetric({ name, value, unit, by }: Metric, at: number): Record<string, unknown> {
  const dimensions = by === undefined ? [['stack']] : [['stack'], ['stack', by]];
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

/** Every line of every function carries this name, so one query finds them in all log groups. */
export const SERVICE = 'keyward';

/** The stack that a function belongs to, or `none` where nobody has told the function. */
export function stackName(): string {
  return process.env.KEYWARD_STACK || 'none';
}
