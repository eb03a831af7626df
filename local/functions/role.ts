import type { PropertyReader } from '../assembly/json.ts';
import type { ResolvedResource, ResolvedStack } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';
import { matchesWildcard } from '../wildcard.ts';

export interface RoleStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** AWS's own policies that CDK attaches. None of them allows access to a table, so the runner leaves them out. */
const HARMLESS_MANAGED_POLICIES = [
  'AWSLambdaBasicExecutionRole',
  'AWSXRayDaemonWriteAccess',
  'CloudWatchLambdaInsightsExecutionRolePolicy',
  'AmazonAPIGatewayPushToCloudWatchLogs',
];

/** Collects the statements of each role, from inline and attached policies, by the role's ARN. */
export function collectRoles(
  stacks: readonly ResolvedStack[],
): ReadonlyMap<string, readonly RoleStatement[]> {
  const resources = stacks.flatMap((stack) => stack.resources);
  const roles = resources.filter(({ type }) => type === 'AWS::IAM::Role');
  const attached = resources.filter(
    ({ type }) => type === 'AWS::IAM::Policy' || type === 'AWS::IAM::ManagedPolicy',
  );
  return new Map(
    roles.map((role) => [role.identity.attributes.Arn ?? '', statementsOf(role, attached)] as const),
  );
}

/**
 * Decides as IAM would about one action on one resource: a Deny wins, and whatever no statement allows is denied.
 * @see "Policy evaluation logic", IAM User Guide
 */
export function allows(statements: readonly RoleStatement[], action: string, resource: string): boolean {
  const matching = statements.filter(
    ({ actions, resources }) =>
      // Action names are case-insensitive, resource ARNs are not.
      actions.some((pattern) => matchesWildcard(pattern.toLowerCase(), action.toLowerCase())) &&
      resources.some((pattern) => matchesWildcard(pattern, resource)),
  );
  return matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
}

function statementsOf(role: ResolvedResource, attached: readonly ResolvedResource[]): RoleStatement[] {
  const ownPolicies = attached.filter((policy) =>
    policy.properties.list('Roles').includes(role.identity.ref),
  );
  const arns = role.properties.list('ManagedPolicyArns').map(String);
  const unknown = arns.find(
    (arn) =>
      !HARMLESS_MANAGED_POLICIES.some((name) => arn.endsWith(`/${name}`)) &&
      !ownPolicies.some((policy) => policy.identity.ref === arn),
  );
  if (unknown) {
    throw new CannotRun(
      `${role.id}: the managed policy ${unknown} is unknown here; write its statements into the role.`,
    );
  }
  const inline = role.properties.objects('Policies').map((policy) => policy.object('PolicyDocument'));
  const documents = [...inline, ...ownPolicies.map((policy) => policy.properties.object('PolicyDocument'))];
  return documents.flatMap((document) => statementsIn(document));
}

function statementsIn(document: PropertyReader): RoleStatement[] {
  return document.objects('Statement').map((statement) => {
    const actions = oneOrMore(document.where, statement, 'Action');
    // The runner enforces only these two services. A condition elsewhere concerns services that do not run here.
    if (statement.has('Condition') && actions.some((action) => /^(\*|dynamodb:|apigateway:)/i.test(action))) {
      throw new CannotRun(
        `${document.where}: a statement on ${actions.join(', ')} has a Condition, which the runner cannot evaluate; narrow its Resource instead.`,
      );
    }
    return {
      effect: statement.text('Effect') === 'Allow' ? 'Allow' : 'Deny',
      actions,
      resources: oneOrMore(document.where, statement, 'Resource'),
    };
  });
}

function oneOrMore(where: string, statement: PropertyReader, name: string): string[] {
  if (!statement.has(name)) {
    throw new CannotRun(`${where}: a statement has no ${name}; Not${name} is not understood by the runner.`);
  }
  return statement.textList(name);
}
