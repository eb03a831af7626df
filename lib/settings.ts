import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllowedOrigins } from '../core/access/allowed-origins.ts';
import { type EventRetention, parseEventRetention } from '../core/audit/event-store.ts';
import { parseMaxKeysPerMember } from '../core/management/key-store.ts';
import type { LogRoleSetter } from './account-log-role.ts';
import { OWN_ISSUER, type OwnIssuer } from './own-issuer.ts';
import {
  ADDRESS,
  CACHE_SECONDS,
  CERTIFICATE,
  CONSOLE_ADDRESS,
  isScalar,
  matching,
  NAME,
  oneOf,
  type Setting,
  TOPIC,
  TRUE_OR_FALSE,
} from './setting-value.ts';
import type { DeploymentName } from './stack-names.ts';

/** The settings of a deployment: the context that `cdk.json` commits, or that `cdk -c` gives for one command. */
export interface Settings extends DeploymentName {
  /** The ARN of the SNS topic that alarms notify. @default alarms notify nobody */
  readonly alarmTopicArn: string | undefined;
  /** Where people sign in from. @default on this machine only */
  readonly consoleUrl: string | undefined;
  /** Whether a sample API of the product is deployed beside it. */
  readonly hasSample: boolean;
  /** Whether the console is deployed. */
  readonly hasConsole: boolean;
  /** The ARN of the certificate of the console's own domain. @default the console has a domain of CloudFront's */
  readonly consoleCertificateArn: string | undefined;
  /** The origins whose pages may show the console in a frame. */
  readonly consoleFrameOrigins: readonly string[] | undefined;
  /** Where a page whose session has ended leads. @default nowhere */
  readonly consoleReturnUrl: string | undefined;
  /** Where the product's API is. @default the sample, if there is one */
  readonly productUrl: string | undefined;
  /** Where people sign in. @default a user pool of the deployment */
  readonly ownIssuer: OwnIssuer | undefined;
  readonly accountsMadeBy: 'operator' | 'anyone';
  readonly secondFactor: 'optional' | 'required';
  /** For how long the audit log is kept. @default that of the tables */
  readonly eventRetention: EventRetention | undefined;
  /** How many active keys of a workspace a member may have. @default that of the management API */
  readonly maxKeysPerMember: number | undefined;
  /** Whether the APIs answer at custom domains alone. */
  readonly closesDefaultEndpoint: boolean;
  /** The origins whose pages may call both APIs from a browser. */
  readonly allowedOrigins: readonly string[] | undefined;
  /** Who sets the role by which API Gateway writes the account's logs. */
  readonly accountLogRole: LogRoleSetter;
  readonly hasDashboard: boolean;
  /** For how long verdicts on calls of the sample API are cached. @default not at all */
  readonly cacheSeconds: number | undefined;
}

/** A setting that does not exist, or whose value is not allowed. The message names the setting and what was expected. */
export class InvalidSetting extends Error {
  override readonly name = 'InvalidSetting';
}

type Context = Readonly<Record<string, unknown>>;

const SETTINGS = {
  profile: {
    read: (value) => matching(value, /^\S.*$/),
    expected: 'the name of a profile, or the path of its file',
  } satisfies Setting<string>,
  name: NAME,
  'stack-prefix': NAME,
  sample: TRUE_OR_FALSE,
  'sign-in': OWN_ISSUER,
  accounts: oneOf('operator', 'anyone'),
  mfa: oneOf('optional', 'required'),
  'console-url': CONSOLE_ADDRESS,
  console: TRUE_OR_FALSE,
  'console-certificate': CERTIFICATE,
  'console-frame-origins': {
    read: (value) => parseAllowedOrigins(value, 'The context value console-frame-origins'),
    expected: 'a list of origins',
  } satisfies Setting<readonly string[]>,
  'console-return-url': ADDRESS,
  'product-url': ADDRESS,
  'alarm-topic': TOPIC,
  'events-retention-days': {
    read: (value) =>
      isScalar(value) ? parseEventRetention(value, 'The context value events-retention-days') : undefined,
    expected: 'a whole number of days, or forever',
  } satisfies Setting<EventRetention>,
  'keys-per-member': {
    read: (value) =>
      isScalar(value) ? parseMaxKeysPerMember(value, 'The context value keys-per-member') : undefined,
    expected: 'a whole number',
  } satisfies Setting<number>,
  'default-endpoint': oneOf('open', 'closed'),
  'allowed-origins': {
    read: (value) => parseAllowedOrigins(value, 'The context value allowed-origins'),
    expected: 'a list of origins',
  } satisfies Setting<readonly string[]>,
  'account-log-role': oneOf('keyward', 'managed-elsewhere'),
  dashboard: TRUE_OR_FALSE,
  'cache-seconds': CACHE_SECONDS,
  'keyward:adopting': oneOf('true'),
};

type SettingName = keyof typeof SETTINGS;

/**
 * CDK's own commands write these, and they look like our names. All other names of CDK's hold a mark. None begins with `keyward:`.
 */
const OF_CDK = ['acknowledged-issue-numbers', 'cdk-migrate', 'cli-telemetry'];
const MARK_OF_CDK = /^(?!keyward:).*[:@/]/;

/**
 * Reads the settings of a deployment. A misspelt setting is an error: without one, Keyward would be deployed without it.
 * @param context the context of the app, which also holds CDK's own.
 * @throws {InvalidSetting}
 */
export function readSettings(context: Context): Settings {
  const unknown = Object.keys(context).find((name) => !isKnown(name));
  if (unknown !== undefined) {
    const known = Object.keys(SETTINGS).join(', ');
    throw new InvalidSetting(`The context value ${unknown} is not known: there are ${known}.`);
  }
  const profile = read(context, 'profile');
  if (profile === undefined) {
    throw new InvalidSetting(
      'The context names no profile: say in cdk.json which product is deployed, such as "context": { "profile": "standard" }.',
    );
  }
  // `DataStack` reads it, in other people's apps as well. Here it is only checked: another value would do nothing.
  read(context, 'keyward:adopting');
  const [name, stackPrefix] = [read(context, 'name'), read(context, 'stack-prefix')];
  if (name !== undefined && stackPrefix !== undefined)
    throw new InvalidSetting('The context values name and stack-prefix both name the stacks: leave one out.');
  return {
    profile,
    name,
    stackPrefix,
    alarmTopicArn: read(context, 'alarm-topic'),
    ...signInSettings(context),
    eventRetention: read(context, 'events-retention-days'),
    maxKeysPerMember: read(context, 'keys-per-member'),
    closesDefaultEndpoint: isClosed(context),
    allowedOrigins: read(context, 'allowed-origins'),
    ...sampleSettings(context),
    ...consoleSettings(context),
    accountLogRole: read(context, 'account-log-role') ?? 'keyward',
    hasDashboard: read(context, 'dashboard') ?? true,
  };
}

const COMMITTED_FILE = join(import.meta.dirname, '..', 'cdk.json');

/**
 * Reads the settings that `cdk deploy` uses when the command line gives none: those in `cdk.json`.
 * @throws {InvalidSetting} where the file cannot be read, or a setting in it is not valid.
 */
export function readCommittedSettings(): Settings {
  return readSettings(readCommittedContext());
}

function readCommittedContext(): Context {
  try {
    return JSON.parse(readFileSync(COMMITTED_FILE, 'utf8')).context ?? {};
  } catch (cause) {
    throw new InvalidSetting(
      'The settings of the deployment stand in cdk.json, and this file cannot be read.',
      {
        cause,
      },
    );
  }
}

function signInSettings(context: Context): Pick<Settings, 'ownIssuer' | 'accountsMadeBy' | 'secondFactor'> {
  const ownIssuer = read(context, 'sign-in');
  const [accounts, mfa] = [read(context, 'accounts'), read(context, 'mfa')];
  if (ownIssuer !== undefined && (accounts ?? mfa) !== undefined)
    throw new InvalidSetting(
      'The context values accounts and mfa are about a user pool: with sign-in, your own issuer decides about both.',
    );
  return { ownIssuer, accountsMadeBy: accounts ?? 'operator', secondFactor: mfa ?? 'optional' };
}

function sampleSettings(context: Context): Pick<Settings, 'hasSample' | 'cacheSeconds'> {
  const [hasSample = false, cacheSeconds] = [read(context, 'sample'), read(context, 'cache-seconds')];
  if (cacheSeconds !== undefined && !hasSample)
    throw new InvalidSetting(
      'The context value cache-seconds is about calls of the sample API: it needs "sample": true as well.',
    );
  return { hasSample, cacheSeconds };
}

function consoleSettings(
  context: Context,
): Pick<Settings, 'hasConsole' | 'productUrl' | Extract<keyof Settings, `console${string}`>> {
  const hasConsole = read(context, 'console') ?? !isClosed(context);
  if (hasConsole && isClosed(context))
    throw new InvalidSetting(
      'The console calls the management API at the address that API Gateway gives it: set default-endpoint to open, or console to false.',
    );
  const [consoleUrl, consoleCertificateArn] = [
    read(context, 'console-url'),
    read(context, 'console-certificate'),
  ];
  if (consoleCertificateArn !== undefined && consoleUrl?.endsWith('/console/') !== true)
    throw new InvalidSetting(
      'The context value console-certificate is for a domain of your own: set console-url to its address, such as https://keys.example.com/console/.',
    );
  return {
    hasConsole,
    consoleUrl,
    consoleCertificateArn,
    consoleFrameOrigins: read(context, 'console-frame-origins'),
    consoleReturnUrl: read(context, 'console-return-url'),
    productUrl: read(context, 'product-url'),
  };
}

function isClosed(context: Context): boolean {
  return read(context, 'default-endpoint') === 'closed';
}

function isKnown(name: string): boolean {
  return Object.hasOwn(SETTINGS, name) || MARK_OF_CDK.test(name) || OF_CDK.includes(name);
}

type ValueOf<Name extends SettingName> = Exclude<ReturnType<(typeof SETTINGS)[Name]['read']>, undefined>;

function read<Name extends SettingName>(context: Context, name: Name): ValueOf<Name> | undefined {
  if (!Object.hasOwn(context, name)) return undefined;
  const { read: readValue, expected } = SETTINGS[name] as Setting<ValueOf<Name>>;
  const value = orInvalid(() => readValue(context[name]));
  if (value === undefined) throw new InvalidSetting(`The context value ${name} must be ${expected}.`);
  return value;
}

function orInvalid<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    throw new InvalidSetting(cause instanceof Error ? cause.message : 'It cannot be read.', { cause });
  }
}
