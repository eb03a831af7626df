import { parseEventRetention } from '../core/audit/event-store.ts';
import {
  CannotRun,
  type FoundParts,
  type LogLine,
  type Ports,
  type RunningApi,
  type RunningAssembly,
  runAssembly,
} from '../local/index.ts';
import type { OperatorTables } from '../stores/dynamodb/table/tables.ts';
import { fillTables, localVariables, operatorClient, PEOPLE, USERS, WORKSPACE } from './local-product.ts';

export interface LocalAppOptions {
  readonly assemblyDirectory: string;
  readonly dynamodbEndpoint: string;
  /**
   * The port of the management API, or of the first API where there is none. The other APIs are on the next port and on those
   * after the sign-in issuer, which is on the next but one. 0 for any free ones.
   */
  readonly port: number;
  readonly log: (line: LogLine) => void;
}

/** Somebody's CDK app on this machine. */
export interface LocalApp {
  readonly assembly: RunningAssembly;
  /** All APIs but the management API. */
  readonly apis: readonly RunningApi[];
  /** Undefined where the app has no management API, so that nobody can make a key. */
  readonly keyward: LocalKeyward | undefined;
}

/** Keyward's part of an app, with the workspace `acme` in its tables. */
export interface LocalKeyward {
  readonly managementUrl: string;
  readonly hasConsole: boolean;
  readonly managementKey: string;
  readonly workspace: string;
  readonly users: typeof USERS;
}

/** Runs the stacks of an app. Where it has a management API, its tables get a workspace and a management key. */
export async function runApp(options: LocalAppOptions): Promise<LocalApp> {
  const { assemblyDirectory, dynamodbEndpoint, port, log } = options;
  let management: ManagementPart | undefined;
  const assembly = await runAssembly({
    assemblyDirectory,
    dynamodbEndpoint,
    ports: (found) => {
      management = findManagement(found);
      return portsOf(found, management?.apiName, port);
    },
    signIn: { port: port === 0 ? 0 : port + 2, people: PEOPLE },
    environmentOverrides: localVariables(port),
    log,
  });
  try {
    const apis = assembly.apis.filter(({ name }) => name !== management?.apiName);
    const keyward = management && (await fillManagement(assembly, management));
    return { assembly, apis, keyward };
  } catch (error) {
    await assembly.stop();
    throw error;
  }
}

/** The management API of an app, with what its functions are told. */
interface ManagementPart {
  readonly apiName: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** No function but the authorizer of a management API is told the table of management keys. */
function findManagement({ apis, functions }: FoundParts): ManagementPart | undefined {
  const [authorizer, second] = functions.filter(
    ({ variables }) => variables.KEYWARD_MANAGEMENT_KEYS_TABLE !== undefined,
  );
  if (authorizer === undefined) return undefined;
  if (second !== undefined)
    throw new CannotRun(
      `${authorizer.id} and ${second.id} belong to two management APIs: run one product at a time, and leave the others out of the app where KEYWARD_DEV is set.`,
    );
  const part = authorizer.constructPath.slice(0, authorizer.constructPath.lastIndexOf('/') + 1);
  const api = apis.find(({ constructPath }) => constructPath.startsWith(part));
  if (api === undefined) throw new CannotRun(`${authorizer.id} has no management API beside it.`);
  const writer = functions.find(
    ({ constructPath, variables }) =>
      constructPath.startsWith(part) && variables.KEYWARD_EVENTS_TABLE !== undefined,
  );
  return { apiName: api.name, variables: { ...writer?.variables, ...authorizer.variables } };
}

function portsOf({ apis }: FoundParts, first: string | undefined, port: number): Ports {
  if (port === 0) return {};
  const names = apis.map(({ name }) => name);
  const ordered = first === undefined ? names : [first, ...names.filter((name) => name !== first)];
  // The issuer stands between the second and the third.
  return Object.fromEntries(ordered.map((name, index) => [name, port + (index < 2 ? index : index + 1)]));
}

async function fillManagement(
  assembly: RunningAssembly,
  { apiName, variables }: ManagementPart,
): Promise<LocalKeyward> {
  const management = assembly.apis.find(({ name }) => name === apiName);
  return {
    managementUrl: management?.url ?? '',
    hasConsole: management?.hasSite === true,
    managementKey: await fillTables(tablesOf(assembly, variables), defaultPlanOf(assembly)),
    workspace: WORKSPACE,
    users: USERS,
  };
}

function tablesOf(assembly: RunningAssembly, variables: ManagementPart['variables']): OperatorTables {
  const existing = Object.values(assembly.tables).map(({ name }) => name);
  const nameOf = (variable: string) => {
    const name = variables[variable] ?? '';
    if (existing.includes(name)) return name;
    throw new CannotRun(
      `The table ${name} is in no stack of this app: add the one that makes Keyward's tables where KEYWARD_DEV is set.`,
    );
  };
  const retention = 'KEYWARD_EVENT_RETENTION_DAYS';
  return {
    client: operatorClient(assembly),
    records: nameOf('KEYWARD_RECORDS_TABLE'),
    secrets: nameOf('KEYWARD_SECRETS_TABLE'),
    events: nameOf('KEYWARD_EVENTS_TABLE'),
    managementKeys: nameOf('KEYWARD_MANAGEMENT_KEYS_TABLE'),
    eventRetention: parseEventRetention(variables[retention], retention),
  };
}

/** An output ends in `Plans` and names the plans of the product, the default first. Products without limits have none. */
function defaultPlanOf({ outputs }: RunningAssembly): string | null {
  const all = Object.values(outputs).flatMap((stack) => Object.entries(stack));
  const [, plans] = all.find(([name]) => name.endsWith('Plans')) ?? [];
  return plans?.split(',')[0] ?? null;
}
