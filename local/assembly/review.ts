import { CannotRun } from '../cannot-run.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { REVIEWED_TYPES } from './resources.ts';
import type { ReviewedType } from './reviewed-type.ts';

/** Attributes that CloudFormation reads beside `Type` and `Properties`. They change nothing here. */
const RESOURCE_ATTRIBUTES = [
  'Type',
  'Properties',
  'Condition',
  'DependsOn',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
];
const TEMPLATE_SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
  'Rules',
];

/** The attributes of a parameter that the runner reads, and those that only people read. Every other attribute restricts values in a way that the runner does not check. */
const PARAMETER_ATTRIBUTES = [
  'Type',
  'Default',
  'AllowedValues',
  'Description',
  'ConstraintDescription',
  'NoEcho',
];

/** Stops the run at a parameter whose default CloudFormation would refuse: nobody could enter another value here. */
function reviewParameter(where: string, parameter: Json): void {
  const declared = isObject(parameter) ? parameter : {};
  const attribute = Object.keys(declared).find((name) => !PARAMETER_ATTRIBUTES.includes(name));
  if (attribute) throw new CannotRun(`${where}: the attribute ${attribute} cannot be honoured locally.`);
  const { Default: value, AllowedValues: allowed } = declared;
  if (allowed === undefined || value === undefined) return;
  if (Array.isArray(allowed) && allowed.some((one) => String(one) === String(value))) return;
  throw new CannotRun(`${where}: its default is not among its allowed values.`);
}

export function reviewSections(stackName: string, template: JsonObject): void {
  const unknown = Object.keys(template).find((section) => !TEMPLATE_SECTIONS.includes(section));
  if (unknown)
    throw new CannotRun(`Stack ${stackName}: the template section ${unknown} cannot be honoured locally.`);
  for (const [name, parameter] of Object.entries(isObject(template.Parameters) ? template.Parameters : {}))
    reviewParameter(`Stack ${stackName}: the parameter ${name}`, parameter);
  const rules = isObject(template.Rules) ? Object.keys(template.Rules) : [];
  const rule = rules.find((name) => name !== 'CheckBootstrapVersion');
  if (rule) throw new CannotRun(`Stack ${stackName}: the template rule ${rule} cannot be checked locally.`);
}

/** Stops the run unless the type is in one of the three lists and every property that has an effect here is reviewed. */
export function reviewResource(where: string, resource: JsonObject): ReviewedType {
  const type = String(resource.Type);
  const reviewed = REVIEWED_TYPES[type];
  if (!reviewed) {
    throw new CannotRun(
      `${where} is a ${type}, which the runner neither runs, replaces nor knows to be inert: leave it out on one machine, or add it to Keyward’s local/assembly/resources.ts.`,
    );
  }
  const attribute = Object.keys(resource).find((name) => !RESOURCE_ATTRIBUTES.includes(name));
  if (attribute)
    throw new CannotRun(`${where} (${type}): the attribute ${attribute} cannot be honoured locally.`);
  if (reviewed.kind === 'inert') return reviewed;
  const listed = [...reviewed.honoured, ...Object.keys(reviewed.ignored)];
  const property = firstUnlisted(resource.Properties ?? {}, '', listed);
  if (property) {
    throw new CannotRun(
      `${where} (${type}): the property ${property} cannot be honoured locally; leave it out on one machine, or review it in Keyward’s local/assembly/resources.ts.`,
    );
  }
  return reviewed;
}

function firstUnlisted(value: Json, prefix: string, listed: readonly string[]): string | undefined {
  if (Array.isArray(value)) {
    for (const element of value) {
      const found = firstUnlisted(element, prefix, listed);
      if (found) return found;
    }
    return undefined;
  }
  if (!isObject(value)) return prefix;
  for (const [name, inner] of Object.entries(value)) {
    const path = prefix ? `${prefix}.${name}` : name;
    if (listed.includes(path)) continue;
    if (!listed.some((one) => one.startsWith(`${path}.`))) return path;
    const found = firstUnlisted(inner, path, listed);
    if (found) return found;
  }
  return undefined;
}
