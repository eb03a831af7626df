import { isObject, type Json } from '../assembly/json.ts';
import { matchesWildcard } from '../wildcard.ts';

export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** The output of an authorizer: who calls, what they may call, and the context for the integration. */
export interface AuthorizerOutput {
  readonly statements: readonly PolicyStatement[];
  /** The principal id and the context, every value a text. */
  readonly context: Readonly<Record<string, string>>;
}

/** Bounds of "Amazon API Gateway quotas": an authorizer's answer, and a resource expression within it. */
const ANSWER_LIMIT_BYTES = 8192;
const RESOURCE_LIMIT_CHARACTERS = 512;

/**
 * @returns the output, or what is wrong with it. API Gateway answers a wrong output with 500.
 * @see "Output from an API Gateway Lambda authorizer", API Gateway Developer Guide
 */
export function readAuthorizerOutput(payload: unknown): AuthorizerOutput | string {
  if (!isObject(payload)) return 'the output is not an object';
  const { principalId, policyDocument, context = {} } = payload;
  if (typeof principalId !== 'string') return 'principalId is not a text';
  if (!isObject(policyDocument)) return 'policyDocument is not an object';
  if (Buffer.byteLength(JSON.stringify(payload)) > ANSWER_LIMIT_BYTES) {
    return `it is longer than ${ANSWER_LIMIT_BYTES} bytes`;
  }
  const statements = readStatements(policyDocument.Statement);
  if (typeof statements === 'string') return statements;
  if (!isObject(context)) return 'context is not an object';
  const texts: Record<string, string> = { principalId };
  for (const [name, value] of Object.entries(context)) {
    if (value === null || typeof value === 'object')
      return `context value ${name} is not a text, number or boolean`;
    texts[name] = String(value);
  }
  return { statements, context: texts };
}

export type PolicyDecision = 'allow' | 'explicit-deny' | 'implicit-deny';

/** A Deny wins over any Allow. A method that no statement names is denied. */
export function decide(statements: readonly PolicyStatement[], methodArn: string): PolicyDecision {
  const matching = statements.filter(
    ({ actions, resources }) =>
      actions.some((action) => matchesWildcard(action.toLowerCase(), 'execute-api:invoke')) &&
      resources.some((resource) => matchesWildcard(resource, methodArn)),
  );
  if (matching.some(({ effect }) => effect === 'Deny')) return 'explicit-deny';
  return matching.length > 0 ? 'allow' : 'implicit-deny';
}

function readStatements(value: Json | undefined): PolicyStatement[] | string {
  const list = Array.isArray(value) ? value : [value];
  const statements: PolicyStatement[] = [];
  for (const statement of list) {
    if (!isObject(statement)) return 'the policy has no statement';
    const { Effect: effect, Action: action, Resource: resource } = statement;
    if (effect !== 'Allow' && effect !== 'Deny') return 'a statement has no Effect of Allow or Deny';
    const unknown = Object.keys(statement).find(
      (name) => !['Sid', 'Effect', 'Action', 'Resource'].includes(name),
    );
    if (unknown) return `a statement has ${unknown}, which the local runner does not evaluate`;
    const actions = textsOf(action);
    const resources = textsOf(resource);
    if (!actions || !resources) return 'a statement needs Action and Resource';
    const long = resources.find((one) => one.length > RESOURCE_LIMIT_CHARACTERS);
    if (long) return `a resource is longer than ${RESOURCE_LIMIT_CHARACTERS} characters`;
    statements.push({ effect, actions, resources });
  }
  return statements;
}

function textsOf(value: Json | undefined): string[] | undefined {
  const list = Array.isArray(value) ? value : [value];
  const texts = list.filter((one) => typeof one === 'string');
  return texts.length > 0 && texts.length === list.length ? texts : undefined;
}
