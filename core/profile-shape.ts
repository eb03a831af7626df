import * as v from 'valibot';
import type { ErrorBodies } from './error-body.ts';
import { describeIssue, InvalidProfile } from './invalid.ts';
import type { KeyFormat } from './key-text.ts';
import type { Profile, RateLimit } from './profile.ts';
import { checkAgreement } from './profile-agreement.ts';
import { profileSchema } from './profile-schema.ts';
import { closedRoleScopes } from './role-scopes.ts';
import { catalogueOf, type ScopeDefinition } from './scope.ts';

/**
 * Parses the data of a profile. Runs at synth, so that a wrong profile never reaches an account; functions are bundled with
 * what it returned.
 * @throws {InvalidProfile}
 */
export function parseProfile(data: unknown): Profile {
  const parsed = v.safeParse(profileSchema, data);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const { field, expected } = describeIssue(issue);
    const where = issue.path === undefined ? 'The profile' : `The profile's ${field}`;
    throw new InvalidProfile(`${where} must be ${expected}.`);
  }
  const { output } = parsed;
  if (output.rate_limits && output.last_used) {
    throw new InvalidProfile(
      'The profile counts every call, which notes its time: last_used must be left out.',
    );
  }
  const scopes = output.scopes && catalogueOf(output.scopes.map(scopeOf));
  const { personal_access_tokens: tokens } = output;
  const roleScopes = output.role_scopes ?? (scopes && closedRoleScopes(scopes));
  if (roleScopes === 'nothing') {
    throw new InvalidProfile(
      'Every scope of the profile administers, so a member would hold none: say in role_scopes what each role holds.',
    );
  }
  const profile: Profile = {
    name: output.name,
    realm: output.realm,
    presentation: output.presentation,
    apiKey: {
      kind: 'api_key',
      format: formatOf(output.api_key),
      storedAs: output.api_key.stored_as,
    },
    lastUsed: output.last_used ?? 'each_minute',
    ...(tokens && {
      personalAccessTokens: {
        format: formatOf(tokens),
        workspaceHeader: tokens.workspace_header,
      },
    }),
    issuing: {
      requiresName: output.issuing.requires_name,
      requiresScopes: output.issuing.requires_scopes,
    },
    ...(scopes && { scopes }),
    ...(roleScopes && { roleScopes }),
    ...(output.max_active_keys && { maxActiveKeys: output.max_active_keys }),
    ...(output.rate_limits && {
      rateLimits: { defaultPlan: output.rate_limits.default_plan, plans: plansOf(output.rate_limits.plans) },
    }),
    ...(output.errors && { errors: errorsOf(output.errors) }),
    routes: output.routes,
    publicRoutes: output.public_routes,
    ...(output.mcp && {
      mcp: {
        path: output.mcp.path,
        verifiedBy: output.mcp.verified_by,
        publicMethods: output.mcp.public_methods,
        unauthorizedCode: output.mcp.unauthorized_code,
        ...(output.mcp.wording && { wording: output.mcp.wording }),
      },
    }),
    inheritsRole: output.inherits_role,
  };
  checkAgreement(profile);
  return profile;
}

type ErrorsData = NonNullable<v.InferOutput<typeof profileSchema>['errors']>;
type ScopeData = Omit<ScopeDefinition, 'heldBy'> & { held_by?: ScopeDefinition['heldBy'] | undefined };

function scopeOf({ held_by: heldBy, ...scope }: ScopeData): ScopeDefinition {
  return { ...scope, ...(heldBy && { heldBy }) };
}

function formatOf(text: { prefix: string; random_length: number; checksum: boolean }): KeyFormat {
  return { prefix: text.prefix, randomLength: text.random_length, hasChecksum: text.checksum };
}

function errorsOf({ template, by_status: byStatus, by_code: byCode }: ErrorsData): ErrorBodies {
  return { ...(template && { template }), byStatus, byCode };
}

function plansOf(
  plans: Record<string, { limit: number; window_seconds: number }>,
): Record<string, RateLimit> {
  return Object.fromEntries(
    Object.entries(plans).map(([plan, { limit, window_seconds }]) => [
      plan,
      { limit, windowSeconds: window_seconds },
    ]),
  );
}
