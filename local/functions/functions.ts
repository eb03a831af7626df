import type { Log } from '../log.ts';
import type { InvocationResult } from './environment.ts';
import { EnvironmentPool } from './environment-pool.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { type Endpoints, variablesOf } from './function-variables.ts';
import type { InvokePermissions, Invoker } from './permission.ts';
import type { RoleStatement } from './role.ts';

export interface RunningFunction {
  /** `Stack/LogicalId`. */
  readonly id: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly constructPath: string;
  readonly name: string;
  readonly arn: string;
  /** Every environment variable that its code sees. */
  readonly environment: Readonly<Record<string, string>>;
  /** The resolved statements of its role. */
  readonly statements: readonly RoleStatement[];
}

export interface FunctionsOptions {
  readonly definitions: readonly FunctionDefinition[];
  readonly permissions: InvokePermissions;
  readonly endpoints: Endpoints;
  readonly maxEnvironments: number;
  readonly overridesFor: (definition: FunctionDefinition) => Readonly<Record<string, string>>;
  readonly log: Log;
}

/** The proxy knows callers by their access key ids. DynamoDB Local takes only letters and digits. */
export function accessKeyIdsOf(definitions: readonly FunctionDefinition[]): Map<string, FunctionDefinition> {
  return new Map(
    definitions.map((definition, index) => [
      `${definition.logicalId.replace(/[^A-Za-z0-9]/g, '')}${index}`,
      definition,
    ]),
  );
}

/** Every function of the run, each with its pool of environments. */
export class Functions {
  readonly running: Readonly<Record<string, RunningFunction>>;
  readonly #permissions: InvokePermissions;
  readonly #pools = new Map<string, EnvironmentPool>();
  readonly #byArn = new Map<string, FunctionDefinition>();

  constructor(options: FunctionsOptions) {
    this.#permissions = options.permissions;
    const running: Record<string, RunningFunction> = {};
    for (const [accessKeyId, definition] of accessKeyIdsOf(options.definitions)) {
      const { id, stackName, logicalId, constructPath, name, arn, statements } = definition;
      const overrides = options.overridesFor(definition);
      const environment = variablesOf(definition, { accessKeyId, ...options.endpoints }, overrides);
      const print = (text: string) => options.log({ source: `function:${id}`, text, at: new Date() });
      const { maxEnvironments } = options;
      this.#pools.set(
        id,
        new EnvironmentPool({ definition, variables: environment, maxEnvironments, print }),
      );
      this.#byArn.set(arn, definition);
      running[id] = { id, stackName, logicalId, constructPath, name, arn, environment, statements };
    }
    this.running = running;
  }

  /** Invokes without checking any permission, as an administrator could. */
  async invoke(id: string, event: unknown): Promise<InvocationResult> {
    const pool = this.#pools.get(id);
    if (!pool)
      throw new Error(`There is no function ${id}; there are ${[...this.#pools.keys()].join(', ')}.`);
    return pool.invoke(event);
  }

  /** Invokes on behalf of an AWS service. @returns undefined when no permission allows it. */
  async invokeFor(invoker: Invoker, arn: string, event: unknown): Promise<InvocationResult | undefined> {
    const definition = this.#byArn.get(arn);
    if (!definition || !this.#permissions.allows(definition, invoker)) return undefined;
    return this.invoke(definition.id, event);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()));
  }
}
