import { ROLES } from '../../core/access/role.ts';
import { findFirstCall } from '../../core/profile/console.ts';
import type { Profile } from '../../core/profile/profile.ts';
import type { ProfileFile } from '../files/profile-file.ts';
import type { SignInSource } from '../sign-in/sign-in-source.ts';

/** What the page is told of its deployment, beside what the profile says. */
export interface ConsoleDeployment {
  readonly signIn: Pick<SignInSource, 'issuerUrl' | 'clientId' | 'request' | 'acceptsInvitations'>;
  /** Without a slash at the end; `undefined` where the deployment does not know where the product's API is. */
  readonly productUrl: string | undefined;
  /** Where a page whose session has ended leads. */
  readonly returnUrl: string | undefined;
}

/**
 * The file `config.json` beside the page: all that differs from product to product and from deployment to deployment. Anybody
 * may read it. What is absent is null.
 */
export function consoleConfig({ profile, console }: ProfileFile, deployment: ConsoleDeployment): object {
  const { presentation } = profile;
  const call = findFirstCall(profile, console.firstTool);
  return {
    product: console.product,
    realm: profile.realm,
    words: console.words,
    place: console.place,
    create_label: console.createLabel,
    name_examples: console.nameExamples,
    default_expiry_days: console.defaultExpiryDays ?? null,
    read_only_scopes: console.readOnlyScopes,
    accent: console.accent,
    logo: console.logo ?? null,
    // The page and the management API have one origin.
    api_url: '',
    sign_in: signInOf(deployment),
    return_url: deployment.returnUrl ?? null,
    product_api: deployment.productUrl === undefined ? null : { url: deployment.productUrl },
    credential:
      presentation.kind === 'bearer'
        ? { header: 'authorization', scheme: 'Bearer' }
        : { header: presentation.header, scheme: null },
    first_call: call?.kind === 'mcp' ? { kind: 'mcp', path: call.path, rpc: call.message } : (call ?? null),
    features: { ...featuresOf(profile), invitations: deployment.signIn.acceptsInvitations },
  };
}

function signInOf({ signIn }: ConsoleDeployment): object {
  const { issuerUrl: issuer, clientId: client_id, request } = signIn;
  return { issuer, client_id, ...request };
}

function featuresOf(profile: Profile): object {
  const { issuing, scopes, roleScopes, personalAccessTokens: tokens } = profile;
  const definitions = scopes?.definitions ?? [];
  return {
    name_required: issuing.requiresName,
    scopes_required: issuing.requiresScopes,
    scopes: scopes !== undefined,
    empty_scopes_mean_all: scopes !== undefined && !issuing.requiresScopes,
    max_active_keys: profile.maxActiveKeys ?? null,
    rate_limits: profile.rateLimits !== undefined,
    roles: profile.inheritsRole,
    personal_access_tokens: tokens === undefined ? null : { workspace_header: tokens.workspaceHeader },
    role_scopes:
      roleScopes === undefined ? null : Object.fromEntries(ROLES.map((role) => [role, roleScopes[role]])),
    token_only_scopes: definitions
      .filter(({ heldBy }) => heldBy !== undefined && !heldBy.includes('api_key'))
      .map(({ name }) => name),
  };
}
