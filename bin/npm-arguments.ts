import { quoteForShell } from '../core/text/visible-text.ts';
import { CannotRun } from '../local/index.ts';

/** Options that npm takes for its own where no `--` stands before them, and what a value of each looks like. */
export const VALUES = {
  port: /^\d+$/,
  'cache-seconds': /^\d+$/,
  'allowed-origins': /^https?:/,
  profile: /\D/,
  json: undefined,
} as const;

type Option = keyof typeof VALUES;

/**
 * Finds options that were meant for `npm start` and that npm has kept: `npm start --port 4610` arrives as a bare `4610` and a
 * variable, and would otherwise start on other ports than were asked for.
 * @param words the arguments that are no option and no option's value.
 * @throws {CannotRun} that shows the command as it has to be.
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
    `Options have names, and stand behind two dashes that keep npm from reading them: \`npm start -- ${[...meant, ...bare].join(' ')}\`.`,
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
