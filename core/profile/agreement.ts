import { ADMINISTER, findClashingPaths, isRoutePattern, matchesAction } from '../access/action-pattern.ts';
import { OWN_FORMATS } from '../credential/credential-type.ts';
import { type KeyFormat, keyLength } from '../credential/key-text.ts';
import { LONGEST_BCRYPT_BYTES, LOOKUP_LENGTH } from '../credential/secret.ts';
import { didYouMean, findClosestWord, suggestWord } from '../text/closest-word.ts';
import { checkAccepts } from './accepts-agreement.ts';
import type { Report } from './mistakes.ts';
import { credentialTypesOf, type Profile } from './profile.ts';
import { checkScopes } from './scope-agreement.ts';

/** Checks the rules that a schema cannot express: parts of a profile must agree with each other. */
export function checkAgreement(profile: Profile, report: Report): void {
  const { apiKey, scopes, rateLimits, issuing, routes, mcp } = profile;
  checkScopes(profile, report);
  checkAccepts(profile, report);
  checkGrants(profile, report);
  checkParameters(profile, report);
  checkTokens(profile, report);
  checkMcp(profile, report);
  checkPublicRoutes(profile, report);
  for (const { kind, format } of credentialTypesOf(profile)) {
    const own = Object.entries(OWN_FORMATS).find(([, { prefix }]) => prefix === format.prefix);
    if (own === undefined) continue;
    const field = kind === 'api_key' ? 'api_key' : 'personal_access_tokens';
    const sentence = `The prefix ${format.prefix} is that of ${own[0]}.`;
    report({ between: [field], path: [field, 'prefix'], sentence });
  }
  if (routes.length === 0 && mcp === undefined) {
    const sentence = 'The profile has neither routes nor mcp.';
    report({ between: ['routes', 'mcp'], path: [], sentence });
  }
  if (apiKey.storedAs === 'bcrypt') checkBcrypt(apiKey.format, report);
  if (issuing.requiresScopes && scopes === undefined) {
    const sentence = 'The profile requires scopes but defines none.';
    report({ between: ['issuing', 'scopes'], path: ['issuing', 'requires_scopes'], sentence });
  }
  if (rateLimits && !Object.hasOwn(rateLimits.plans, rateLimits.defaultPlan)) {
    const { defaultPlan, plans } = rateLimits;
    const sentence = `The profile's default plan ${defaultPlan} is not among its plans${didYouMean(defaultPlan, Object.keys(plans))}`;
    report({ between: ['rate_limits'], path: ['rate_limits', 'default_plan'], sentence });
  }
}

/**
 * Finds the actions that a misspelt grant was probably meant for. It compares beginnings only, if the grant ends in wildcards, and
 * paths only, if the grant is a route: its method may be another one, or `*`.
 */
function findMeant(grant: string, known: readonly string[]): string[] {
  const separator = isRoutePattern(grant) ? '/' : '.';
  const parts = pathOf(grant).split(separator);
  const fixed = parts.findLastIndex((part) => !/^\*{1,2}$/.test(part)) + 1;
  const beginningOf = (action: string) => {
    const path = pathOf(action);
    return fixed === parts.length ? path : path.split(separator).slice(0, fixed).join(separator);
  };
  const closest = findClosestWord(beginningOf(grant), known.map(beginningOf));
  return known.filter((action) => beginningOf(action) === closest);
}

/** The path of a route, or the whole name of a tool. */
function pathOf(action: string): string {
  return action.slice(action.indexOf(' ') + 1);
}

/** A list of actions that scopes may grant. */
interface Grantable {
  readonly part: 'routes' | 'mcp';
  readonly path: readonly [string, ...string[]];
  readonly called: 'route' | 'tool';
  readonly actions: readonly string[];
  /** Tells whether a grant is meant for this list. */
  readonly isMeantBy: (grant: string) => boolean;
  readonly isGrantedBy: (action: string, grant: string) => boolean;
}

function grantablesOf({ routes, mcp }: Profile): Grantable[] {
  const ofRoutes: Grantable = {
    part: 'routes',
    path: ['routes'],
    called: 'route',
    actions: routes,
    isMeantBy: isRoutePattern,
    isGrantedBy: (route, grant) => isRoutePattern(grant) && matchesAction(route, grant),
  };
  if (mcp?.tools === undefined) return [ofRoutes];
  const ofTools: Grantable = {
    part: 'mcp',
    path: ['mcp', 'tools'],
    called: 'tool',
    actions: mcp.tools,
    isMeantBy: (grant) => !isRoutePattern(grant) && !matchesAction(grant, ADMINISTER),
    isGrantedBy: (tool, grant) => matchesAction(grant, tool),
  };
  return [ofRoutes, ofTools];
}

/** Every grant must name an action that exists. Some scope must grant every action, unless a misspelt grant was meant for it. */
function checkGrants(profile: Profile, report: Report): void {
  const definitions = profile.scopes?.definitions;
  if (definitions === undefined) return;
  const grantables = grantablesOf(profile);
  const misspelt = new Set<string>();
  for (const [scope, { grants }] of definitions.entries()) {
    for (const [index, grant] of grants.entries()) {
      const list = grantables.find(({ isMeantBy }) => isMeantBy(grant));
      if (list === undefined || list.actions.some((action) => list.isGrantedBy(action, grant))) continue;
      const meant = findMeant(grant, list.actions);
      for (const action of meant) misspelt.add(action);
      const sentence = `The profile grants ${grant}, which is not among its ${list.path.join('.')}${suggestWord(meant[0])}`;
      report({
        between: ['scopes', 'grants', list.part],
        path: ['scopes', scope, 'grants', index],
        sentence,
      });
    }
  }
  const granted = definitions.flatMap(({ grants }) => grants);
  for (const { part, path, called, actions, isGrantedBy } of grantables) {
    for (const [index, action] of actions.entries()) {
      if (misspelt.has(action) || granted.some((grant) => isGrantedBy(action, grant))) continue;
      const sentence = `The profile has the ${called} ${action}, but no scope grants it.`;
      report({ between: ['scopes', 'grants', part], path: [...path, index], sentence });
    }
  }
}

/** API Gateway makes its resources from the routes, so all routes have to agree on the names of parameters. */
function checkParameters({ routes }: Profile, report: Report): void {
  const clash = findClashingPaths(routes.map(pathOf));
  if (clash === undefined) return;
  const [path, earlier] = clash;
  const sentence = `The profile's routes name a parameter in two ways, ${path} and ${earlier}: API Gateway takes one name at one place.`;
  const index = routes.findIndex((route) => pathOf(route) === path);
  report({ between: ['routes'], path: ['routes', index], sentence });
}

function checkMcp({ mcp }: Profile, report: Report): void {
  if (mcp?.tools?.includes(ADMINISTER)) {
    const sentence = `The profile has a tool ${ADMINISTER}, which is the action of administering keys.`;
    report({ between: ['mcp'], path: ['mcp', 'tools', mcp.tools.indexOf(ADMINISTER)], sentence });
  }
  if (mcp?.verifiedBy !== 'authorizer') return;
  if (mcp.publicMethods.length > 0) {
    const sentence = 'The profile has public methods of MCP, which no authorizer can let through.';
    report({ between: ['mcp'], path: ['mcp', 'public_methods'], sentence });
  }
  if (mcp.wording !== undefined) {
    const sentence = 'The profile words the errors of MCP, but it is an authorizer that answers them.';
    report({ between: ['mcp'], path: ['mcp', 'wording'], sentence });
  }
}

function checkPublicRoutes({ publicRoutes, routes, mcp }: Profile, report: Report): void {
  for (const [index, open] of publicRoutes.entries()) {
    const path = ['public_routes', index];
    if (routes.some((route) => matchesAction(route, open))) {
      const sentence = `The profile has the public route ${open} among its routes.`;
      report({ between: ['public_routes', 'routes'], path, sentence });
    }
    if (open === `POST ${mcp?.path}`) {
      const sentence = 'The profile makes the route public that MCP is posted to.';
      report({ between: ['public_routes', 'mcp'], path, sentence });
    }
  }
}

/** How many random characters hold 128 bits. Each holds log2(62) bits. */
const STRONG_LENGTH = 22;

/** Characters kept in the clear are not secret, and bcrypt ignores the end of long secrets. */
function checkBcrypt(format: KeyFormat, report: Report): void {
  const path = ['api_key', 'random_length'];
  const least = LOOKUP_LENGTH + STRONG_LENGTH;
  if (format.randomLength < least) {
    const sentence = `The profile keeps keys as bcrypt, so random_length must be at least ${least}.`;
    report({ between: ['api_key'], path, sentence });
  }
  if (keyLength(format) > LONGEST_BCRYPT_BYTES) {
    const sentence = `The profile keeps keys as bcrypt, which looks at their first ${LONGEST_BCRYPT_BYTES} characters only.`;
    report({ between: ['api_key'], path, sentence });
  }
}

/** Tokens are found by their digest and never counted. A scope that only tokens hold needs tokens. */
function checkTokens(profile: Profile, report: Report): void {
  const { apiKey, personalAccessTokens: tokens, presentation, rateLimits, scopes } = profile;
  const field = 'personal_access_tokens';
  if (tokens === undefined) {
    for (const [index, { name, heldBy }] of (scopes?.definitions ?? []).entries()) {
      if (heldBy?.includes('api_key') !== false) continue;
      const sentence = `The profile's scope ${name} is held by personal access tokens only, and there are none.`;
      report({ between: ['scopes', 'held_by', field], path: ['scopes', index, 'held_by'], sentence });
    }
    return;
  }
  if (tokens.format.prefix === apiKey.format.prefix) {
    const sentence = 'The profile gives API keys and personal access tokens the same prefix.';
    report({ between: ['api_key', field], path: [field, 'prefix'], sentence });
  }
  if (rateLimits !== undefined) {
    const sentence = 'The profile has personal access tokens, which no rate limit can bound.';
    report({ between: ['rate_limits', field], path: ['rate_limits'], sentence });
  }
  if (apiKey.storedAs === 'bcrypt') {
    const sentence =
      'The profile has personal access tokens, which cannot stand beside keys that are kept as bcrypt.';
    report({ between: ['api_key', field], path: ['api_key', 'stored_as'], sentence });
  }
  if (presentation.kind === 'header' && presentation.header === tokens.workspaceHeader) {
    const sentence = `The profile's header ${tokens.workspaceHeader} cannot hold a credential and a workspace.`;
    report({ between: ['presentation', field], path: [field, 'workspace_header'], sentence });
  }
}
