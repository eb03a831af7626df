import { CannotRun } from '../cannot-run.ts';
import type { SynthesizedStack } from './cloud-assembly.ts';
import { identityOf } from './identity.ts';
import { isObject, type JsonObject, PropertyReader } from './json.ts';
import { REVIEWED_TYPES } from './resources.ts';
import { reviewResource, reviewSections } from './review.ts';
import { type ResourceIdentity, TemplateResolver } from './template.ts';

export interface ResolvedResource {
  /** `Stack/LogicalId`. */
  readonly id: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly constructPath: string;
  readonly type: string;
  readonly identity: ResourceIdentity;
  readonly properties: PropertyReader;
}

export interface ResolvedStack {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly resources: readonly ResolvedResource[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly assetPaths: ReadonlyMap<string, string>;
}

/**
 * Reviews and resolves every stack. A stack sees the exports of the stacks before it.
 * @param issuerUrl where people sign in.
 */
export function resolveStacks(stacks: readonly SynthesizedStack[], issuerUrl?: string): ResolvedStack[] {
  const exports = new Map<string, string>();
  const stackOutputs = new Map<string, Readonly<Record<string, string>>>();
  return stacks.map((stack) => {
    const resolved = resolveStack({ ...stack, issuerUrl }, { exports, stackOutputs });
    stackOutputs.set(stack.name, resolved.outputs);
    return resolved;
  });
}

/** What earlier stacks tell later ones. */
interface EarlierStacks {
  readonly exports: Map<string, string>;
  readonly stackOutputs: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

type PlacedStack = SynthesizedStack & { readonly issuerUrl: string | undefined };

function resolveStack(stack: PlacedStack, { exports, stackOutputs }: EarlierStacks): ResolvedStack {
  reviewSections(stack.name, stack.template);
  const declared = sectionOf(stack, 'Resources');
  const identities = new Map<string, ResourceIdentity | undefined>();
  const resolver: TemplateResolver = new TemplateResolver({
    stackName: stack.name,
    account: stack.account,
    region: stack.region,
    parameters: sectionOf(stack, 'Parameters'),
    conditions: sectionOf(stack, 'Conditions'),
    mappings: sectionOf(stack, 'Mappings'),
    exports,
    stackOutputs,
    identify: (logicalId) => {
      if (!identities.has(logicalId)) identities.set(logicalId, identify(stack, logicalId, resolver));
      return identities.get(logicalId);
    },
  });
  const exists = (resource: JsonObject) =>
    typeof resource.Condition !== 'string' || resolver.holds(resource.Condition);
  const resources: ResolvedResource[] = [];
  const providers = replacedProviders(declared);
  for (const [logicalId, resource] of Object.entries(declared)) {
    if (!isObject(resource) || !exists(resource) || providers.has(logicalId)) continue;
    const id = `${stack.name}/${logicalId}`;
    const reviewed = reviewResource(id, resource);
    if (reviewed.kind === 'inert') continue;
    const properties = resolver.resolve(resource.Properties ?? {});
    resources.push({
      id,
      stackName: stack.name,
      logicalId,
      constructPath: stack.constructPaths.get(logicalId) ?? id,
      type: String(resource.Type),
      identity: identities.get(logicalId) ??
        identify(stack, logicalId, resolver) ?? { ref: logicalId, attributes: {} },
      properties: new PropertyReader(id, isObject(properties) ? properties : {}),
    });
  }
  const outputs = resolveOutputs(stack, resolver, exports);
  const { name, account, region, assetPaths } = stack;
  return { name, account, region, resources, outputs, assetPaths };
}

/** The functions that only do what the runner does in their place: those that a replaced custom resource calls. */
function replacedProviders(declared: JsonObject): ReadonlySet<string> {
  const called = Object.values(declared).map((resource) => {
    if (!isObject(resource) || REVIEWED_TYPES[String(resource.Type)]?.kind !== 'replaced') return undefined;
    const token = isObject(resource.Properties) ? resource.Properties.ServiceToken : undefined;
    const target = isObject(token) ? token['Fn::GetAtt'] : undefined;
    return Array.isArray(target) ? String(target[0]) : undefined;
  });
  return new Set(called.filter((id) => id !== undefined));
}

function identify(
  stack: PlacedStack,
  logicalId: string,
  resolver: TemplateResolver,
): ResourceIdentity | undefined {
  const resource = sectionOf(stack, 'Resources')[logicalId];
  if (!isObject(resource)) return undefined;
  const properties = isObject(resource.Properties) ? resource.Properties : {};
  return identityOf({
    stackName: stack.name,
    logicalId,
    type: String(resource.Type),
    account: stack.account,
    region: stack.region,
    issuerUrl: stack.issuerUrl,
    givenName: (property) => {
      const name = properties[property] === undefined ? undefined : resolver.resolve(properties[property]);
      return typeof name === 'string' ? name : undefined;
    },
  });
}

function resolveOutputs(
  stack: SynthesizedStack,
  resolver: TemplateResolver,
  exports: Map<string, string>,
): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [logicalId, output] of Object.entries(sectionOf(stack, 'Outputs'))) {
    if (!isObject(output)) continue;
    if (typeof output.Condition === 'string' && !resolver.holds(output.Condition)) continue;
    const value = resolver.resolve(output.Value ?? null);
    const text = Array.isArray(value) ? value.join(',') : String(value);
    outputs[logicalId] = text;
    if (!isObject(output.Export)) continue;
    const name = String(resolver.resolve(output.Export.Name ?? null));
    if (exports.has(name)) throw new CannotRun(`Stack ${stack.name}: the export ${name} exists already.`);
    exports.set(name, text);
  }
  return outputs;
}

function sectionOf(stack: SynthesizedStack, name: string): JsonObject {
  const section = stack.template[name];
  return isObject(section) ? section : {};
}
