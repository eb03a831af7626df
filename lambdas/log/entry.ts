import type { SignedInUser } from '../../core/access/principal.ts';
import { isPassing } from '../../core/errors/fault.ts';
import type { Degradation, Refusal } from '../../core/verification/verdict.ts';
import type { Metric } from './metric.ts';

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
