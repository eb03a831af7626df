import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { readAssembly, type SynthesizedStack } from './assembly/cloud-assembly.ts';
import { isObject } from './assembly/json.ts';
import { type ResolvedStack, resolveStacks } from './assembly/resolved-stack.ts';
import { CannotRun } from './cannot-run.ts';
import { createControlPlane, type FlushableStage } from './control-plane/control-plane.ts';
import { createFunctionProxy, createOperatorProxy } from './dynamodb/proxy.ts';
import type { Namespace } from './dynamodb/table-request.ts';
import { createTables, dropTables } from './dynamodb/tables.ts';
import { CallRecord } from './functions/call-record.ts';
import { readFunctions } from './functions/function-definition.ts';
import { accessKeyIdsOf, Functions } from './functions/functions.ts';
import { InvokePermissions } from './functions/permission.ts';
import { collectRoles } from './functions/role.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { readRestApis } from './gateway/rest-api.ts';
import { close, listen } from './listening.ts';
import type { Ports, RunningAssembly, RunOptions } from './running-assembly.ts';
import { readSchedules, startSchedules } from './schedule.ts';
import { createIssuer } from './sign-in/issuer.ts';
import { readUserPool, USER_POOL } from './sign-in/user-pool.ts';
import { readDistributions } from './site/distribution.ts';
import { localizer } from './site/local-address.ts';
import { createSite } from './site/site.ts';

/**
 * Runs every stack of a synthesized assembly until stopped.
 * @throws CannotRun for anything that it cannot honour, before anything can be called.
 */
export async function runAssembly(options: RunOptions): Promise<RunningAssembly> {
  const synthesized = readAssembly(options.assemblyDirectory);
  if (!synthesized.some(hasUserPool)) return runStacks(resolveStacks(synthesized), options, undefined);
  // The functions' variables contain the issuer's port, so the issuer listens first and gets its request handler later.
  const server = createServer();
  const url = await listen(server, options.signIn?.port ?? 0);
  try {
    return await runStacks(resolveStacks(synthesized, url), options, { server, url });
  } catch (error) {
    await close(server);
    throw error;
  }
}

interface ListeningIssuer {
  readonly server: Server;
  readonly url: string;
}

async function runStacks(
  stacks: readonly ResolvedStack[],
  options: RunOptions,
  issuer: ListeningIssuer | undefined,
): Promise<RunningAssembly> {
  const pool = readUserPool(stacks);
  const location = locationOf(stacks);
  const definitions = readFunctions(stacks, collectRoles(stacks));
  const permissions = new InvokePermissions(stacks);
  const schedules = readSchedules(stacks);
  const apis = stacks.flatMap(readRestApis);
  const distributions = readDistributions(stacks, apis);
  const { ports: chosen = {} } = options;
  const ports = typeof chosen === 'function' ? chosen({ apis, functions: definitions }) : chosen;
  checkPorts(
    ports,
    apis.map(({ name }) => name),
  );

  const { log, now = Date.now, intercept } = options;
  const record = new CallRecord();
  const namespace: Namespace = {
    endpoint: options.dynamodbEndpoint,
    accessKeyId: `run${randomBytes(8).toString('hex')}`,
    region: location.region,
  };
  const callers = new Map(
    [...accessKeyIdsOf(definitions)].map(([accessKeyId, { id, roleName, name, statements }]) => [
      accessKeyId,
      { functionId: id, roleName, functionName: name, statements },
    ]),
  );
  const started: { stop(): Promise<void> | void }[] = [];
  const serve = async (server: Server, port: number): Promise<string> => {
    const url = await listen(server, port);
    started.push({ stop: () => close(server) });
    return url;
  };
  const stop = once(async () => {
    // Stops in reverse order: callers before the services that they call.
    for (const part of started.reverse()) await part.stop();
  });

  try {
    const tables = await createTables(stacks, namespace);
    started.push({ stop: () => dropTables(Object.values(tables), namespace) });
    const operatorUrl = await serve(createOperatorProxy(namespace), 0);
    const proxyUrl = await serve(
      createFunctionProxy({ namespace, location, callers, record, log, intercept }),
      0,
    );
    const stages: FlushableStage[] = [];
    const intercepted = { intercept: options.interceptFlush, stages: () => stages };
    const controlPlaneUrl = await serve(
      createControlPlane({ location, callers, record, log, ...intercepted }),
      0,
    );
    const functions = new Functions({
      definitions,
      permissions,
      endpoints: { proxyUrl, controlPlaneUrl },
      log,
      maxEnvironments: options.environmentsPerFunction ?? 8,
      overridesFor: (fn) => options.environmentOverrides?.(fn, { issuerUrl: issuer?.url }) ?? {},
    });
    started.push(functions);
    const invoke: Parameters<typeof createGateway>[0]['invoke'] = (arn, event, invoker) =>
      functions.invokeFor(invoker, arn, event);
    const gateways = new Map<string, Gateway>();
    const apiUrls: Record<string, string> = {};
    const localize = localizer(apis, apiUrls);
    for (const api of apis) {
      const distribution = distributions.find(({ apiId }) => apiId === api.id);
      const front = distribution && createSite({ distribution, localize });
      const gateway = createGateway({ api, front, now, log, invoke, pathReading: options.pathReading });
      gateways.set(api.name, gateway);
      const { id: restApiId, stackName } = api;
      stages.push({ restApiId, stackName, stageName: api.stage.name, flush: gateway.flushAuthorizerCache });
      apiUrls[api.name] = await serve(gateway.server, ports[api.name] ?? 0);
    }
    if (options.schedules !== 'off') started.push({ stop: startSchedules(schedules, { log, invoke }) });
    if (issuer && pool) {
      const { server, url } = issuer;
      started.push({ stop: () => close(server) });
      server.on('request', createIssuer({ url, pool, people: options.signIn?.people ?? [], log, invoke }));
    }
    return {
      apis: apis.map(({ id, name, constructPath }) => ({
        name,
        constructPath,
        url: apiUrls[name] ?? '',
        hasSite: distributions.some(({ apiId }) => apiId === id),
      })),
      apiUrls,
      issuerUrl: issuer?.url,
      tables,
      functions: functions.running,
      outputs: Object.fromEntries(stacks.map(({ name, outputs }) => [name, outputs])),
      dynamodbEndpoint: operatorUrl,
      region: location.region,
      recordedCalls: () => record.all(),
      invoke: (functionId, event) => functions.invoke(functionId, event),
      flushAuthorizerCache: (apiName) => gateways.get(apiName)?.flushAuthorizerCache(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function hasUserPool({ template }: SynthesizedStack): boolean {
  const resources = isObject(template.Resources) ? Object.values(template.Resources) : [];
  return resources.some((resource) => isObject(resource) && resource.Type === USER_POOL);
}

/** One machine is one account and one Region. Otherwise ARNs and namespaces would not match. */
function locationOf(stacks: readonly ResolvedStack[]): { region: string; account: string } {
  const [first] = stacks;
  if (!first) throw new CannotRun('The assembly holds no stack.');
  const other = stacks.find(({ region, account }) => region !== first.region || account !== first.account);
  if (other) {
    throw new CannotRun(
      `The stacks ${first.name} and ${other.name} have different environments; one machine is one.`,
    );
  }
  return { region: first.region, account: first.account };
}

function checkPorts(ports: Ports, names: readonly string[]): void {
  const unknown = Object.keys(ports).find((name) => !names.includes(name));
  if (unknown) throw new CannotRun(`A port is given for ${unknown}, but there is no REST API of that name.`);
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
