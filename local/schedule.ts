import { randomUUID } from 'node:crypto';
import type { Json } from './assembly/json.ts';
import type { ResolvedStack } from './assembly/resolved-stack.ts';
import { CannotRun } from './cannot-run.ts';
import type { InvocationResult } from './functions/environment.ts';
import type { Invoker } from './functions/permission.ts';
import type { Log } from './log.ts';

export interface Schedule {
  /** `Stack/LogicalId` of the rule. */
  readonly id: string;
  readonly ruleArn: string;
  readonly account: string;
  readonly region: string;
  readonly everyMs: number;
  readonly targets: readonly { readonly functionArn: string; readonly input: Json | undefined }[];
}

export interface ScheduleOptions {
  readonly log: Log;
  readonly invoke: (
    functionArn: string,
    event: object,
    invoker: Invoker,
  ) => Promise<InvocationResult | undefined>;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Node fires a timer at once if it is set beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function readSchedules(stacks: readonly ResolvedStack[]): Schedule[] {
  return stacks.flatMap(({ resources, account, region }) =>
    resources
      .filter(({ type }) => type === 'AWS::Events::Rule')
      .filter(({ properties }) => properties.optionalText('State') !== 'DISABLED')
      .map(({ id, identity, properties }) => ({
        id,
        ruleArn: identity.attributes.Arn ?? '',
        account,
        region,
        everyMs: readRate(id, properties.text('ScheduleExpression')),
        targets: properties.objects('Targets').map((target) => {
          const input = target.optionalText('Input');
          return {
            functionArn: target.text('Arn'),
            input: input === undefined ? undefined : JSON.parse(input),
          };
        }),
      })),
  );
}

/** Runs every rule at its rate, first after one period, as EventBridge does. @returns what stops them. */
export function startSchedules(schedules: readonly Schedule[], options: ScheduleOptions): () => void {
  const timers = schedules.map((schedule) => {
    const timer = setInterval(() => void fire(schedule, options), schedule.everyMs);
    // A timer must not keep the process running.
    timer.unref();
    return timer;
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

async function fire(schedule: Schedule, { invoke, log }: ScheduleOptions): Promise<void> {
  for (const { functionArn, input } of schedule.targets) {
    const event = input === undefined ? scheduledEventOf(schedule, new Date()) : Object(input);
    const result = await invoke(functionArn, event, {
      service: 'events.amazonaws.com',
      sourceArn: schedule.ruleArn,
    });
    const trouble = result
      ? result.kind === 'failed' && `${result.errorType}: ${result.errorMessage}`
      : 'no permission lets the rule invoke its function';
    if (trouble) log({ source: `schedule:${schedule.id}`, text: trouble, at: new Date() });
  }
}

/** @see "Create an Amazon EventBridge rule that runs on a schedule", Amazon EventBridge User Guide */
export function scheduledEventOf(schedule: Schedule, now: Date): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: schedule.account,
    time: now.toISOString().replace(/\.\d+Z$/, 'Z'),
    region: schedule.region,
    resources: [schedule.ruleArn],
    detail: {},
  };
}

function readRate(id: string, expression: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const everyMs = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (everyMs > 0 && everyMs <= LONGEST_TIMER_MS) return everyMs;
  throw new CannotRun(
    `${id}: the schedule ${expression} cannot be honoured locally; use rate(…) of at most 24 days.`,
  );
}
