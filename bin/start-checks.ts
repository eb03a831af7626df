import { quoteForShell } from '../core/text/visible-text.ts';
import { CannotRun, portObstacle } from '../local/index.ts';
import { LAST_FIRST_PORT, PORT_COUNT } from './start-options.ts';

/** How a local run was started, for sentences that say what to type. */
export type StartedAs = 'npm start --' | 'keyward dev';

/**
 * Checks the ports before anything is built.
 * @param first the first port; 0 for any free ones.
 * @throws {CannotRun} that says how to choose another first port.
 */
export async function assertPortsAreFree(first: number, startedAs: StartedAs): Promise<void> {
  if (first === 0) return;
  const found = await obstacleIn(first);
  if (found === undefined) return;
  const { port, obstacle } = found;
  const other = `choose another first port than ${first} with \`${startedAs} --port ${await freeFirstPort(first)}\``;
  throw new CannotRun(
    obstacle === 'taken'
      ? `Port ${port} on 127.0.0.1 is taken: stop what listens there, or ${other}.`
      : `Port ${port} on 127.0.0.1 may not be used by this user: ${other}.`,
  );
}

async function obstacleIn(first: number) {
  for (let port = first; port < first + PORT_COUNT; port += 1) {
    const obstacle = await portObstacle(port);
    if (obstacle !== undefined) return { port, obstacle };
  }
  return undefined;
}

/** Finds a port that is free together with the next two. If it finds none, it returns one that may be taken. */
async function freeFirstPort(taken: number): Promise<number> {
  const start = Math.max(taken, 4000);
  for (let first = start + 10; first <= Math.min(start + 500, LAST_FIRST_PORT); first += 10)
    if ((await obstacleIn(first)) === undefined) return first;
  return 4610;
}

/** The options that npm keeps for itself where no `--` stands before them, and how a value of each looks. */
export const VALUES = {
  port: /^\d+$/,
  'cache-seconds': /^\d+$/,
  'allowed-origins': /^https?:/,
  'console-frame-origins': /^https?:/,
  profile: /\D/,
  json: undefined,
} as const;

type Option = keyof typeof VALUES;

/**
 * Finds options that were meant for `npm start` and that npm kept. `npm start --port 4610` arrives as a bare `4610` and a
 * variable, and without this check it would start on other ports than the user asked for.
 * @param words the arguments that are neither an option nor the value of one.
 * @throws {CannotRun} with the command as it should be typed.
 */
export function assertNothingIsKeptByNpm(words: readonly string[], environment: NodeJS.ProcessEnv): void {
  const kept = environment.npm_lifecycle_event === 'start' ? keptIn(environment) : [];
  if (kept.length === 0 && words.length === 0) return;
  const rest = [...words];
  const take = (value: RegExp): string => {
    const at = rest.findIndex((word) => value.test(word));
    return at < 0 ? '…' : quoteForShell(rest.splice(at, 1)[0] ?? '');
  };
  const meant = kept.map(([option, value]) => {
    const shape = VALUES[option];
    if (shape === undefined) return `--${option}`;
    // npm keeps the name alone where no equals sign binds the value to it.
    return `--${option} ${value === 'true' ? take(shape) : quoteForShell(value)}`;
  });
  const bare = rest.map((word) => `--${optionFor(word)} ${quoteForShell(word)}`);
  throw new CannotRun(
    `Options have names, and stand after two dashes that keep npm from reading them: \`npm start -- ${[...meant, ...bare].join(' ')}\`.`,
  );
}

function optionFor(word: string): Option {
  if (VALUES.port.test(word)) return 'port';
  return VALUES['allowed-origins'].test(word) ? 'allowed-origins' : 'profile';
}

function keptIn(environment: NodeJS.ProcessEnv): [Option, string][] {
  return (Object.keys(VALUES) as Option[]).flatMap((option) => {
    const value = environment[`npm_config_${option.replaceAll('-', '_')}`];
    return value === undefined || value === '' ? [] : [[option, value] as [Option, string]];
  });
}
