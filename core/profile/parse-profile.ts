import * as v from 'valibot';
import type { RateLimit } from '../access/rate-limit.ts';
import { defaultRoleScopes } from '../access/role.ts';
import { makeCatalogue, type ScopeDefinition } from '../access/scope.ts';
import type { KeyFormat } from '../credential/key-text.ts';
import type { ErrorBodies } from '../errors/error-body.ts';
import { dropMisspeltFields, type FieldMistake, readIssues } from '../text/field-mistakes.ts';
import { isObject } from '../text/invalid-input.ts';
import { readAccepts } from './accepts.ts';
import { checkAgreement } from './agreement.ts';
import { type ConsoleRules, scopesThatOnlyRead, titleOf } from './console.ts';
import { checkConsole } from './console-agreement.ts';
import { consoleRulesOf } from './console-schema.ts';
import { type Disagreement, mendProfile, type ProfileMistake, type Report } from './mistakes.ts';
import type { Profile } from './profile.ts';
import { profileSchema } from './schema.ts';

/** A profile, or all mistakes in its data. */
export type ReadProfile =
  | { readonly kind: 'profile'; readonly profile: Profile; readonly console: ConsoleRules }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly [ProfileMistake, ...ProfileMistake[]] };

/**
 * Parses the data of a profile. It runs at synth, so a wrong profile never reaches an account. Functions are bundled with the
 * parsed profile.
 * @throws {InvalidProfile} with the first mistake. {@link readProfile} tells all mistakes.
 */
export function parseProfile(data: unknown): Profile {
  const read = readProfile(data);
  if (read.kind === 'profile') return read.profile;
  throw new InvalidProfile(read.mistakes[0].sentence);
}

/** Parses the data of a profile, and goes on after a mistake as far as it can. */
export function readProfile(data: unknown): ReadProfile {
  const parsed = v.safeParse(profileSchema, data);
  if (parsed.success) {
    const { profile, console, disagreements } = profileOf(parsed.output);
    const [first, ...others] = disagreements;
    return first === undefined
      ? { kind: 'profile', profile, console }
      : { kind: 'mistakes', mistakes: [first, ...others] };
  }
  const mistakes = readIssues(parsed.issues, { schema: profileSchema, subject: 'profile' });
  const [first, ...others] = [...dropMisspeltFields(mistakes), ...disagreementsBeside(mistakes, data)];
  if (first === undefined) throw new Error('A schema has refused data without an issue.');
  return { kind: 'mistakes', mistakes: [first, ...others] };
}

/** Finds the disagreements between the parts of a profile that can be read. */
function disagreementsBeside(mistakes: readonly FieldMistake[], data: unknown): readonly Disagreement[] {
  if (!isObject(data)) return [];
  const { data: mendedData, mended } = mendProfile({ ...data }, mistakes);
  const parsed = v.safeParse(profileSchema, mendedData);
  if (!parsed.success) return [];
  const { disagreements } = profileOf(parsed.output);
  return disagreements.filter(({ between }) => !between.some((part) => mended.has(part)));
}

function profileOf(output: v.InferOutput<typeof profileSchema>): {
  readonly profile: Profile;
  readonly console: ConsoleRules;
  readonly disagreements: readonly Disagreement[];
} {
  const disagreements: Disagreement[] = [];
  const report: Report = (found) => disagreements.push({ kind: 'disagreement', ...found });
  if (output.rate_limits && output.last_used) {
    const sentence = 'The profile counts every call, which notes its time: last_used must be left out.';
    report({ between: ['rate_limits', 'last_used'], path: ['last_used'], sentence });
  }
  const scopes = output.scopes && makeCatalogue(output.scopes.map(scopeOf));
  const { personal_access_tokens: tokens } = output;
  const closed = scopes && defaultRoleScopes(scopes);
  const roleScopes = output.role_scopes ?? (closed === 'nothing' ? undefined : closed);
  if (closed === 'nothing' && output.role_scopes === undefined) {
    const sentence =
      'Every scope of the profile administers, so a member would hold none: say in role_scopes what each role holds.';
    report({ between: ['scopes', 'grants', 'implies', 'role_scopes'], path: ['scopes'], sentence });
  }
  const profile: Profile = {
    name: output.name,
    realm: output.realm,
    presentation: output.presentation,
    apiKey: {
      kind: 'api_key',
      format: formatOf(output.api_key),
      storedAs: output.api_key.stored_as,
      ...(output.api_key.accepts && { accepts: readAccepts(output.api_key.accepts, report) }),
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
        ...(output.mcp.tools && { tools: output.mcp.tools }),
        publicMethods: output.mcp.public_methods,
        unauthorizedCode: output.mcp.unauthorized_code,
        ...(output.mcp.wording && { wording: output.mcp.wording }),
      },
    }),
    inheritsRole: output.inherits_role,
  };
  const console = consoleRulesOf(output.console, {
    product: titleOf(output.name),
    readOnlyScopes: scopes === undefined ? [] : scopesThatOnlyRead(scopes),
  });
  checkAgreement(profile, report);
  checkConsole(profile, console, report);
  return { profile, console, disagreements };
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

/** A profile with a mistake. The message is a sentence that names the field and says what it must be. */
export class InvalidProfile extends Error {
  override readonly name = 'InvalidProfile';
}
