import type { FlushIntercept } from './control-plane/control-plane.ts';
import type { DynamoDbIntercept } from './dynamodb/proxy.ts';
import type { RunningTable } from './dynamodb/tables.ts';
import type { RecordedCall } from './functions/call-record.ts';
import type { InvocationResult } from './functions/environment.ts';
import type { FunctionDefinition } from './functions/function-definition.ts';
import type { RunningFunction } from './functions/functions.ts';
import type { PathReading } from './gateway/path-reading.ts';
import type { Log } from './log.ts';
import type { LocalPerson } from './sign-in/person.ts';

export interface RunOptions {
  /** The folder that the app was synthesized to, such as `cdk.out`. */
  readonly assemblyDirectory: string;
  /** A running DynamoDB Local. Several runs may share one: each has a namespace of its own. */
  readonly dynamodbEndpoint: string;
  /** The port of each REST API on 127.0.0.1, by its name. @default any free port */
  readonly ports?: Ports | ((found: FoundParts) => Ports);
  /** Receives every line that a function printed, the access logs, and the notes of the gateway. */
  readonly log: Log;
  /** Milliseconds since the epoch: the clock of authorizer caches and request times. @default Date.now */
  readonly now?: () => number;
  /** Whether rules fire at their rates. With `off`, functions run only when they are invoked. @default on */
  readonly schedules?: 'on' | 'off';
  /** How to read paths; called for each request. @default the reading that local/README.md assumes */
  readonly pathReading?: () => PathReading;
  /** How many requests one function serves at the same time; further requests wait. @default 8 */
  readonly environmentsPerFunction?: number;
  /** Environment variables that replace those of the template. @default none */
  readonly environmentOverrides?: (
    fn: { readonly id: string; readonly constructPath: string },
    run: { readonly issuerUrl: string | undefined },
  ) => Readonly<Record<string, string>>;
  /** For the issuer that replaces a user pool. @default any free port, and nobody to pick from */
  readonly signIn?: { readonly port: number; readonly people: readonly LocalPerson[] };
  /** Injects faults between the functions and their tables. @default none */
  readonly intercept?: DynamoDbIntercept;
  /** Makes flushes of authorizer caches fail or hang. @default none */
  readonly interceptFlush?: FlushIntercept;
}

export type Ports = Readonly<Record<string, number>>;

/** What an assembly holds, before anything of it runs. */
export interface FoundParts {
  readonly apis: readonly Pick<RunningApi, 'name' | 'constructPath'>[];
  /** Variables are those of the template. */
  readonly functions: readonly Pick<FunctionDefinition, 'id' | 'constructPath' | 'variables'>[];
}

export interface RunningApi {
  /** The name of its stack, or `Stack/LogicalId` where the stack has several APIs. */
  readonly name: string;
  readonly constructPath: string;
  /** Without the stage and without a slash at the end. */
  readonly url: string;
  /** Whether a distribution of the app serves files in front of it. */
  readonly hasSite: boolean;
}

export interface RunningAssembly {
  readonly apis: readonly RunningApi[];
  /** The URLs of the APIs by their names. */
  readonly apiUrls: Readonly<Record<string, string>>;
  /** Where people sign in, without a slash at the end; undefined if the assembly has no user pool. */
  readonly issuerUrl: string | undefined;
  /** By `Stack/LogicalId`. */
  readonly tables: Readonly<Record<string, RunningTable>>;
  /** By `Stack/LogicalId`. */
  readonly functions: Readonly<Record<string, RunningFunction>>;
  /** Stack name → output → value. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** For an operator: the tables of this run under any credentials. No role limits these calls, and nothing records them. */
  readonly dynamodbEndpoint: string;
  readonly region: string;
  /** Every AWS action a function asked for, oldest first. */
  recordedCalls(): RecordedCall[];
  /** Invokes a function by its `Stack/LogicalId`. */
  invoke(functionId: string, event: unknown): Promise<InvocationResult>;
  flushAuthorizerCache(apiName: string): void;
  /** Ends everything the run started and drops its tables. Idempotent. */
  stop(): Promise<void>;
}
