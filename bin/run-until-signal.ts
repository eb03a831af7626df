import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { InvalidDeployment } from '../lib/files/deployment-file.ts';
import { CannotRun, type LogLine } from '../local/index.ts';
import { type ConnectableProduct, connectCommandLine } from './connections/local-connection.ts';
import { forTerminal } from './output.ts';
import { type Refusals, shownLine } from './start-output.ts';

/** What ends the parts of a run, in the order in which they were started. */
export type Stops = (() => Promise<void> | void)[];

/** What is told once everything runs. */
export interface Started {
  /** The line of `--json`. */
  readonly ready: object;
  /** The text for people. */
  readonly welcome: string;
  /** What the command line signs in to. @default nothing that it could sign in to runs */
  readonly product?: ConnectableProduct | undefined;
}

export interface SignalledRun {
  readonly json: boolean;
  /** Starts everything. It adds what ends each part as soon as the part runs. */
  start(stops: Stops): Promise<Started>;
}

/** Runs until a signal ends the process, and everything that was started with it. */
export async function runUntilSignal({ json, start }: SignalledRun): Promise<void> {
  const stops: Stops = [];
  let stopping: Promise<void> | undefined;
  const stopAll = () => {
    stopping ??= (async () => {
      for (const stop of stops.toReversed()) await (async () => stop())().catch(() => {});
    })();
    return stopping;
  };
  // SIGHUP says that the terminal was closed. Nothing can be written to it any more.
  process.stderr.on('error', () => {});
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, async () => {
      await stopAll();
      process.exit(0);
    });
  }
  try {
    const { ready, welcome, product } = await start(stops);
    if (json) console.log(JSON.stringify(ready));
    else {
      console.error(welcome);
      if (product === undefined) return;
      const { sentence, disconnect } = connectCommandLine(product, process.env, process.platform);
      stops.push(disconnect);
      console.error(forTerminal(`${sentence}\n`));
    }
  } catch (error) {
    // A signal stops the parts of a start, and they then fail. That is no news.
    if (stopping === undefined) tell(error);
    await stopAll();
    process.exit(1);
  }
}

/** Prints the lines of a run's log, shortened for a terminal. */
export function printLog(): (line: LogLine) => void {
  const refusals: Refusals = new Map();
  return (line) => {
    const shown = shownLine(line, refusals);
    if (shown !== undefined) console.error(shown);
  };
}

function tell(error: unknown): void {
  const isSentence = [CannotRun, InvalidProfile, InvalidDeployment].some((kind) => error instanceof kind);
  console.error(isSentence ? `keyward: ${forTerminal((error as Error).message)}` : error);
}
