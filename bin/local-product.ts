import { parseEventRetention } from '../core/audit/event-store.ts';
import type { Profile } from '../core/profile/profile.ts';
import { type StackPart, stackNameOf } from '../lib/files/stack-names.ts';
import { type LogLine, type RunningAssembly, type RunOptions, runAssembly } from '../local/index.ts';
import { dynamoDbClient, UNHURRIED } from '../stores/dynamodb/table/client.ts';
import type { OperatorTables } from '../stores/dynamodb/table/tables.ts';
import { addMember, bootstrap } from './operator.ts';

export interface SynthesizedProduct {
  readonly profile: Profile;
  readonly assemblyDirectory: string;
}

/** What a test changes in a run: the clock, how paths are read, faults between functions and tables, flushes that fail. */
export type Overrides = Pick<
  RunOptions,
  'now' | 'pathReading' | 'schedules' | 'intercept' | 'interceptFlush'
>;

export interface LocalProductOptions {
  readonly product: SynthesizedProduct;
  readonly dynamodbEndpoint: string;
  /** The management API's port; the product's API is on the next one, and the sign-in issuer on the one after. 0 for any free ones. */
  readonly port: number;
  readonly log: (line: LogLine) => void;
  /** What a test changes in the run. @default nothing */
  readonly overrides?: Overrides;
}

export interface LocalProduct {
  readonly profile: Profile;
  readonly assembly: RunningAssembly;
  readonly tables: OperatorTables;
  readonly managementUrl: string;
  readonly apiUrl: string;
  readonly issuerUrl: string;
  /** Undefined where the console is left out. */
  readonly consoleUrl: string | undefined;
  readonly managementKey: string;
  readonly workspace: string;
  readonly users: { readonly owner: string; readonly admin: string; readonly member: string };
}

export const WORKSPACE = 'acme';

/** The same on every start: scripts and the rows of the samples name them. */
export const USERS = {
  owner: 'usr_acmeOwner00000000000',
  admin: 'usr_acmeAdmin00000000000',
  member: 'usr_acmeMember0000000000',
} as const;

/** What people are called in the console, as if each had accepted an invitation. */
function emailOf(role: keyof typeof USERS): string {
  return `${role}@acme.example`;
}

/** The people that the sign-in page offers. */
export const PEOPLE = (['owner', 'admin', 'member'] as const).map((role) => ({
  label: role,
  userId: USERS[role],
  email: emailOf(role),
}));

/**
 * The variables that only a run knows. The local issuer has no TLS, and a verifier takes keys that came without it only when it is
 * told so by name; no stack ever sets that variable.
 * @param port of the console. Where it is any free one, links have no address that can be opened.
 */
export function localVariables(port: number): NonNullable<RunOptions['environmentOverrides']> {
  return ({ constructPath }, { issuerUrl }): Record<string, string> => {
    if (constructPath.endsWith('/CreateSession'))
      return { KEYWARD_CONSOLE_URL: `http://127.0.0.1:${port}/console/` };
    // Where the product has an issuer of its own, none runs here.
    if (!constructPath.endsWith('/ManagementAuthorizer') || issuerUrl === undefined) return {};
    return { KEYWARD_INSECURE_JWKS_URI: `${issuerUrl}/.well-known/jwks.json` };
  };
}

/** Runs a synthesized product with the workspace `acme`, an owner, an admin and a member, and a management key. */
export async function runProduct({
  product,
  dynamodbEndpoint,
  port,
  log,
  overrides,
}: LocalProductOptions): Promise<LocalProduct> {
  const stack = (part: StackPart) => stackNameOf({ profile: product.profile.name }, part);
  const assembly = await runAssembly({
    ...overrides,
    assemblyDirectory: product.assemblyDirectory,
    dynamodbEndpoint,
    ports: { [stack('Api')]: port, [stack('Sample')]: port === 0 ? 0 : port + 1 },
    signIn: { port: port === 0 ? 0 : port + 2, people: PEOPLE },
    environmentOverrides: localVariables(port),
    log,
  });
  try {
    const tables = tablesOf(assembly, stack('Data'));
    const managementKey = await fillTables(tables, widestPlan(product.profile));
    const managementUrl = assembly.apiUrls[stack('Api')] ?? '';
    const hasConsole = assembly.outputs[stack('Console')] !== undefined;
    return {
      profile: product.profile,
      assembly,
      tables,
      managementUrl,
      apiUrl: assembly.apiUrls[stack('Sample')] ?? '',
      issuerUrl: assembly.issuerUrl ?? '',
      consoleUrl: hasConsole ? `${managementUrl}/console/` : undefined,
      managementKey,
      workspace: WORKSPACE,
      users: USERS,
    };
  } catch (error) {
    await assembly.stop();
    throw error;
  }
}

/** Makes the workspace `acme` with its people in empty tables. @returns the management key. */
export async function fillTables(tables: OperatorTables, plan: string | null): Promise<string> {
  const first = { slug: WORKSPACE, name: 'Acme', plan, ownerId: USERS.owner, ownerName: emailOf('owner') };
  const outcome = await bootstrap(tables, first);
  if (outcome === 'slug_taken') throw new Error('The local tables were not empty.');
  for (const role of ['admin', 'member'] as const)
    await addMember(tables, { workspace: WORKSPACE, userId: USERS[role], role, name: emailOf(role) });
  return outcome.secret;
}

function tablesOf(assembly: RunningAssembly, dataStack: string): OperatorTables {
  const names = assembly.outputs[dataStack] ?? {};
  return {
    client: operatorClient(assembly),
    records: names.RecordsTable ?? '',
    secrets: names.SecretsTable ?? '',
    events: names.EventsTable ?? '',
    managementKeys: names.ManagementKeysTable ?? '',
    eventRetention: parseEventRetention(names.EventsRetention, 'The output EventsRetention'),
  };
}

/** Reaches the tables as the operator does. DynamoDB Local checks no credentials. */
export function operatorClient({ dynamodbEndpoint, region }: RunningAssembly): OperatorTables['client'] {
  return dynamoDbClient({
    ...UNHURRIED,
    endpoint: dynamodbEndpoint,
    region,
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  });
}

/** The plan with the highest limit: somebody who tries Keyward should not meet a limit by accident. */
export function widestPlan({ rateLimits }: Profile): string | null {
  const plans = Object.entries(rateLimits?.plans ?? {});
  const [widest] = plans.sort(
    ([, one], [, other]) => other.limit / other.windowSeconds - one.limit / one.windowSeconds,
  );
  return widest?.[0] ?? null;
}
