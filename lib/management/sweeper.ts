import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionChoices } from '../functions/keyward-function.ts';
import type { IKeyTables } from '../tables/table-access.ts';

/** How often the sweeper looks for changes that a call began and did not finish. */
const SWEEP_INTERVAL = Duration.minutes(1);

/** After 50 seconds the sweeper begins no further turn, and the next run goes on. A single turn may be slow. */
const SWEEP_TIMEOUT = Duration.minutes(5);

interface SweeperOptions {
  readonly tables: IKeyTables;
  /** Adds a function to the stack, without any right to the tables. */
  readonly addFunction: (choices: FunctionChoices) => LambdaFunction;
}

/** Adds the sweeper to a stack: its function, its rights to the tables, and the rule that runs it. */
export function addSweeper(stack: Construct, { tables, addFunction }: SweeperOptions): void {
  const sweeper = addFunction({
    entry: 'sweeper',
    does: 'finishes changes that calls began',
    timeout: SWEEP_TIMEOUT,
  });
  tables.grant('sweep', sweeper);
  new Rule(stack, 'SweepSchedule', {
    schedule: Schedule.rate(SWEEP_INTERVAL),
    targets: [new LambdaTarget(sweeper)],
  });
}
