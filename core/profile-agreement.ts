import { isRoutePattern, matchesAction } from './action-pattern.ts';
import { CHECKSUM_LENGTH } from './checksum.ts';
import { InvalidProfile } from './invalid.ts';
import type { KeyFormat } from './key-text.ts';
import { MANAGEMENT_KEY_FORMAT } from './management-key.ts';
import { credentialTypesOf, type Profile } from './profile.ts';
import { checkScopes } from './scope-agreement.ts';
import { LOOKUP_LENGTH } from './secret-locator.ts';
import { LONGEST_BCRYPT_BYTES } from './slow-hash.ts';

/**
 * What a shape cannot say: names that are used must be defined, and defined once, and what is said must be kept by all.
 * @throws {InvalidProfile}
 */
export function checkAgreement(profile: Profile): void {
  const { apiKey, scopes, rateLimits, issuing, routes, publicRoutes, mcp } = profile;
  const refuse = (sentence: string): never => {
    throw new InvalidProfile(sentence);
  };
  checkScopes(profile, refuse);
  const granted = scopes?.definitions.flatMap(({ grants }) => grants).filter(isRoutePattern) ?? [];
  const stray = granted.find((grant) => !routes.some((route) => matchesAction(route, grant)));
  if (stray !== undefined) refuse(`The profile grants ${stray}, which is not among its routes.`);
  const lost = scopes && routes.find((route) => !granted.some((grant) => matchesAction(route, grant)));
  if (lost !== undefined) refuse(`The profile has the route ${lost}, but no scope grants it.`);
  const prefixes = credentialTypesOf(profile).map(({ format }) => format.prefix);
  if (prefixes.includes(MANAGEMENT_KEY_FORMAT.prefix)) refuse('The prefix kwm_ is that of management keys.');
  if (new Set(prefixes).size !== prefixes.length)
    refuse('The profile gives API keys and personal access tokens the same prefix.');
  checkTokens(profile, refuse);
  if (routes.length === 0 && mcp === undefined) refuse('The profile has neither routes nor mcp.');
  if (mcp?.verifiedBy === 'authorizer' && mcp.publicMethods.length > 0) {
    refuse('The profile has public methods of MCP, which no authorizer can let through.');
  }
  if (mcp?.verifiedBy === 'authorizer' && mcp.wording !== undefined) {
    refuse('The profile words the errors of MCP, but it is an authorizer that answers them.');
  }
  const shut = publicRoutes.find((open) => routes.some((route) => matchesAction(route, open)));
  if (shut !== undefined) refuse(`The profile has the public route ${shut} among its routes.`);
  if (publicRoutes.includes(`POST ${mcp?.path}`))
    refuse('The profile makes the route public that MCP is posted to.');
  if (apiKey.storedAs === 'bcrypt') checkBcrypt(apiKey.format, refuse);
  if (issuing.requiresScopes && scopes === undefined) refuse('The profile requires scopes but defines none.');
  if (rateLimits && !Object.hasOwn(rateLimits.plans, rateLimits.defaultPlan)) {
    refuse(`The profile's default plan ${rateLimits.defaultPlan} is not among its plans.`);
  }
}

/** Random characters that hold 128 bits: log2(62) of them each. */
const STRONG_LENGTH = 22;

/** What is kept in the clear is no secret, and bcrypt looks at no more than so much of one. */
function checkBcrypt(format: KeyFormat, refuse: (sentence: string) => never): void {
  const { prefix, randomLength, hasChecksum } = format;
  const least = LOOKUP_LENGTH + STRONG_LENGTH;
  if (randomLength < least)
    refuse(`The profile keeps keys as bcrypt, so random_length must be at least ${least}.`);
  const length = prefix.length + randomLength + (hasChecksum ? CHECKSUM_LENGTH : 0);
  if (length > LONGEST_BCRYPT_BYTES) {
    refuse(
      `The profile keeps keys as bcrypt, which looks at their first ${LONGEST_BCRYPT_BYTES} characters only.`,
    );
  }
}

/** Tokens are read, never counted, and found by the digest of their text; and what only they can hold needs them. */
function checkTokens(profile: Profile, refuse: (sentence: string) => never): void {
  const { apiKey, personalAccessTokens: tokens, presentation, rateLimits, scopes } = profile;
  if (tokens === undefined) {
    const unheld = scopes?.definitions.find(({ heldBy }) => heldBy?.includes('api_key') === false);
    if (unheld !== undefined)
      refuse(
        `The profile's scope ${unheld.name} is held by personal access tokens only, and there are none.`,
      );
    return;
  }
  if (rateLimits !== undefined)
    refuse('The profile has personal access tokens, which no rate limit can bound.');
  if (apiKey.storedAs === 'bcrypt')
    refuse('The profile has personal access tokens, which cannot stand beside keys that are kept as bcrypt.');
  if (presentation.kind === 'header' && presentation.header === tokens.workspaceHeader)
    refuse(`The profile's header ${tokens.workspaceHeader} cannot hold a credential and a workspace.`);
}
