import * as v from 'valibot';
import { ROLES } from '../../../core/access/role.ts';
import { type CredentialKind, PRODUCT_CREDENTIAL_KINDS } from '../../../core/access/scope.ts';
import type { RefusalCode } from '../../../core/verification/refusal.ts';
import { described, listOf, networksShape, scopesShape, timeShape } from './answer-field.ts';

/** The answers that say who somebody is, and what credentials may do. */

const CREDENTIAL_KINDS = [
  ...PRODUCT_CREDENTIAL_KINDS,
  'management_key',
  'person',
] as const satisfies readonly CredentialKind[];

export type PrincipalAnswer = v.InferOutput<typeof principalAnswer>;
export const principalAnswer = v.strictObject({
  credential_id: v.string(),
  kind: v.picklist(CREDENTIAL_KINDS),
  workspace: described(
    v.nullable(v.string()),
    'The slug of the workspace. `null` for a management key, and for a token where no workspace was named.',
  ),
  user: described(v.nullable(v.string()), 'The user for whom the credential acts. `null` if it has none.'),
  role: described(v.nullable(v.picklist(ROLES)), '`null` if credentials have no roles.'),
  scopes: scopesShape,
  constraints: v.strictObject({
    expires_at: described(v.nullable(timeShape), '`null` if it does not expire.'),
    allowed_cidrs: networksShape,
  }),
});

const address = described(
  v.nullable(v.string()),
  'Where this call comes from. `null` for a call that came through CloudFront, as those of the console do on AWS.',
);

const signedIn = { kind: v.literal('person'), user: v.string() };

export type SignedInAnswer = v.InferOutput<typeof signedInAnswer>;
export const signedInAnswer = v.strictObject({
  ...signedIn,
  workspaces: listOf(
    v.strictObject({
      slug: v.string(),
      name: described(v.string(), 'The name of the workspace.'),
      role: v.picklist(ROLES),
      member_name: described(
        v.nullable(v.string()),
        'What the workspace calls the person. `null` where nobody has named them there.',
      ),
    }),
  ),
  session: described(
    v.nullable(
      v.strictObject({
        id: v.string(),
        workspace: described(v.string(), 'The only workspace that it reaches.'),
        expires_at: described(timeShape, 'Each use makes it later, up to `ends_at`.'),
        ends_at: timeShape,
      }),
    ),
    'The session through which the person acts. `null` for somebody who signed in at the issuer.',
  ),
  address,
});

export type CallerAnswer = v.InferOutput<typeof callerAnswer>;
export const callerAnswer = v.union([
  signedInAnswer,
  v.strictObject({ ...principalAnswer.entries, address }),
]);

export type ScopesAnswer = v.InferOutput<typeof scopesAnswer>;
export const scopesAnswer = v.strictObject({
  scopes: listOf(
    v.strictObject({
      name: v.string(),
      description: v.string(),
      implies: described(listOf(v.string()), 'The scopes whose rights it has as well.'),
    }),
  ),
});

export type VerificationCode = (typeof VERIFICATION_CODES)[number];
const VERIFICATION_CODES = [
  'malformed',
  'unknown',
  'revoked',
  'expired',
  'disabled',
  'wrong_workspace',
  'network',
  'insufficient_scope',
] as const satisfies readonly RefusalCode[];

export type VerificationAnswer = v.InferOutput<typeof verificationAnswer>;
export const verificationAnswer = v.union([
  v.strictObject({ valid: v.literal(true), principal: principalAnswer }),
  v.strictObject({ valid: v.literal(false), code: v.picklist(VERIFICATION_CODES), message: v.string() }),
]);

export type VerificationsAnswer = v.InferOutput<typeof verificationsAnswer>;
export const verificationsAnswer = v.strictObject({
  results: described(listOf(verificationAnswer), 'In the order of `credentials`.'),
});
