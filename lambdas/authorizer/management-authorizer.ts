import { ADMINISTER } from '../../core/access/action-pattern.ts';
import { ownLogOf } from '../../core/audit/audit-event.ts';
import { MANAGEMENT_KEY_FORMAT } from '../../core/credential/credential-type.ts';
import { hasFormat } from '../../core/credential/key-text.ts';
import {
  isOpenToPeople,
  isOpenToSessions,
  type ManagementRoute,
  managementRoutesOf,
} from '../../core/management/route.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import type { Claim } from '../../core/verification/verdict.ts';
import type { Verification } from '../../core/verification/verify.ts';
import { writeEntry } from '../log/stdout-log.ts';
import type { refusalLog } from '../refusal-log.ts';
import { createAuthorizer } from './authorizer.ts';
import type { PersonAccess } from './authorizer-options.ts';

export interface ManagementAuthorizerOptions {
  readonly profile: Profile;
  readonly verification: Verification;
  /** Decides about the access tokens of people who have signed in. */
  readonly verifyAccessToken: PersonAccess['verify'];
  /** Decides about the secrets of sessions. */
  readonly verifySession: PersonAccess['verify'];
  /** Writes a refused call into the audit log. */
  readonly noteRefusal: ReturnType<typeof refusalLog>;
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * The authorizer of the management API. It takes management keys on every route, the product's own credentials where a route
 * allows them, and people who have signed in wherever a membership can give them the right.
 */
export function createManagementAuthorizer(options: ManagementAuthorizerOptions) {
  const { profile, verification, verifyAccessToken, verifySession, noteRefusal, now } = options;
  const routes = managementRoutesOf(profile);
  return createAuthorizer({
    verification,
    presentation: { kind: 'bearer' },
    requirement: ({ httpMethod, resource }, presentedText) => {
      const route = routes.find(({ method, path }) => method === httpMethod && path === resource);
      if (route === undefined) return 'none';
      if (hasFormat(MANAGEMENT_KEY_FORMAT, presentedText)) return 'any';
      return isToken(profile, presentedText) ? tokenRequirement(route) : apiKeyRequirement(profile, route);
    },
    // Here a workspace is named in the path and never in a header.
    workspace: () => ({ skip: true }),
    signIn: { verify: verifyAccessToken, routes: routes.filter(isOpenToPeople).map(patternOf) },
    sessions: { verify: verifySession, routes: routes.filter(isOpenToSessions).map(patternOf) },
    noteRefusal: ({ caller, code, event, invocation }) => {
      const { httpMethod: method, resource, pathParameters, requestContext } = event;
      // The authorizer knows nobody's membership. So the event stands in the caller's own log, whatever workspace the path names.
      const log = ownLogOf(caller);
      const sourceAddress = requestContext.identity.sourceIp;
      return noteRefusal(
        { caller, log, route: { method, resource }, pathParameters, sourceAddress, code },
        (fault) => writeEntry(fault, invocation),
      );
    },
    now,
  });
}

function apiKeyRequirement(profile: Profile, { caller }: ManagementRoute): Claim['requirement'] {
  if (caller === 'holder') return 'possession';
  if (caller === 'anyone') return 'any';
  // Without scopes, no API key can be given the right to administer.
  if (caller !== 'administrator' || profile.scopes === undefined) return 'none';
  return requirementFor(profile, ADMINISTER);
}

/** A token issues nothing and administers nothing. Its holder may ask who they are, and may revoke it. */
function tokenRequirement({ caller }: ManagementRoute): 'any' | 'possession' | 'none' {
  if (caller === 'holder') return 'possession';
  return caller === 'anyone' ? 'any' : 'none';
}

function isToken({ personalAccessTokens: tokens }: Profile, presentedText: string): boolean {
  return tokens !== undefined && hasFormat(tokens.format, presentedText);
}

function patternOf({ method, path }: ManagementRoute): string {
  return `${method} ${path}`;
}
