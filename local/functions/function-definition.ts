import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedResource, ResolvedStack } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';
import type { RoleStatement } from './role.ts';

/** Everything that the template says about one Lambda function. */
export interface FunctionDefinition {
  /** `Stack/LogicalId`. */
  readonly id: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly constructPath: string;
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly roleName: string;
  readonly statements: readonly RoleStatement[];
  readonly assetDirectory: string;
  readonly handlerFile: string;
  readonly handlerName: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly variables: Readonly<Record<string, string>>;
}

const MODULE_ENDINGS = ['.mjs', '.js', '.cjs'];

export function readFunctions(
  stacks: readonly ResolvedStack[],
  roles: ReadonlyMap<string, readonly RoleStatement[]>,
): FunctionDefinition[] {
  return stacks.flatMap((stack) =>
    stack.resources
      .filter(({ type }) => type === 'AWS::Lambda::Function')
      .map((resource) => readFunction(resource, stack, roles)),
  );
}

function readFunction(
  resource: ResolvedResource,
  stack: ResolvedStack,
  roles: ReadonlyMap<string, readonly RoleStatement[]>,
): FunctionDefinition {
  const { id, stackName, logicalId, constructPath, identity, properties } = resource;
  const runtime = properties.text('Runtime');
  if (!runtime.startsWith('nodejs')) {
    throw new CannotRun(`${id}: the runtime ${runtime} does not run here; functions must use Node.js.`);
  }
  const roleArn = properties.text('Role');
  const statements = roles.get(roleArn);
  if (!statements) throw new CannotRun(`${id}: its role ${roleArn} is not a role of this assembly.`);
  const key = properties.object('Code').text('S3Key');
  const assetDirectory = stack.assetPaths.get(key);
  if (!assetDirectory || !existsSync(assetDirectory) || !statSync(assetDirectory).isDirectory()) {
    throw new CannotRun(
      `${id}: its code ${key} is not a directory asset of this assembly; use Code.fromAsset.`,
    );
  }
  const handler = properties.text('Handler');
  const handlerModule = handler.slice(0, handler.lastIndexOf('.'));
  return {
    id,
    stackName,
    logicalId,
    constructPath,
    name: identity.ref,
    arn: identity.attributes.Arn ?? '',
    region: stack.region,
    roleName: roleArn.slice(roleArn.lastIndexOf('/') + 1),
    statements,
    assetDirectory,
    handlerFile: findModule(id, assetDirectory, handlerModule),
    handlerName: handler.slice(handler.lastIndexOf('.') + 1),
    handler,
    timeoutSeconds: properties.number('Timeout', 3),
    memoryMegabytes: properties.number('MemorySize', 128),
    variables: properties.object('Environment').texts('Variables'),
  };
}

function findModule(id: string, directory: string, module: string): string {
  const found = MODULE_ENDINGS.map((ending) => join(directory, module + ending)).find(existsSync);
  if (!found)
    throw new CannotRun(`${id}: its bundle holds no ${module}${MODULE_ENDINGS.join(` or ${module}`)}.`);
  return found;
}
