import { Command, InvalidArgumentError } from 'commander';
import { parseProfileArgument } from './commands/arguments.ts';

/** What `npm start` and `keyward dev` are asked for. */
export interface StartOptions {
  /** A name, or an absolute path. @default the profile that keyward.json names */
  readonly profile?: string | undefined;
  readonly port: number;
  readonly json: boolean;
  /** @default verdicts are not cached */
  readonly cacheSeconds?: number | undefined;
  /** @default pages of no other origin may call */
  readonly allowedOrigins?: string[] | undefined;
  /** @default no page of another origin may show the console in a frame */
  readonly consoleFrameOrigins?: string[] | undefined;
}

/** Makes the command `npm start --`. Its arguments are the words that belong to no option. */
export function createStartCommand(): Command {
  const command = new Command('npm start --').description(
    'Runs Keyward on this machine: the synthesized stacks, against DynamoDB Local.',
  );
  return addStartOptions(command).allowExcessArguments();
}

export function addStartOptions(command: Command): Command {
  return command
    .option(
      '--profile <name>',
      'a file in profiles/, or the path of one; without it, the one that keyward.json names',
      parseProfileArgument,
    )
    .option(
      '--port <port>',
      'the port of the management API; the product’s API and the sign-in issuer use the next two',
      readPort,
      4000,
    )
    .option(
      '--cache-seconds <seconds>',
      'for how long API Gateway may cache verdicts, 1 to 60',
      readCacheSeconds,
    )
    .option(
      '--allowed-origins <origins>',
      'the origins whose pages may call the APIs, with commas between them',
      readOrigins,
    )
    .option(
      '--console-frame-origins <origins>',
      'the origins whose pages may show the console in a frame, with commas between them',
      readOrigins,
    )
    .option('--json', 'print one line of JSON on stdout when ready', false);
}

function readPort(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value <= LAST_FIRST_PORT) return value;
  throw new InvalidArgumentError(
    `It must be a whole number from 0 to ${LAST_FIRST_PORT}; 0 takes free ports.`,
  );
}

function readOrigins(text: string): string[] {
  return text.split(',').map((origin) => origin.trim());
}

function readCacheSeconds(text: string): number {
  if (/^([1-9]|[1-5]\d|60)$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 60.');
}

/** The ports of the management API, of the product's API and of the sign-in issuer. */
export const PORT_COUNT = 3;

export const LAST_FIRST_PORT = 65_535 - (PORT_COUNT - 1);
