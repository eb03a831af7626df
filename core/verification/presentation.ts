import type { Presentation, Profile } from '../profile/profile.ts';

/** Headers as API Gateway delivers them: each name as the caller wrote it, with every value it was sent with. */
export type MultiValueHeaders = Readonly<Record<string, readonly string[] | undefined>>;

export type Presented =
  | { readonly kind: 'missing' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'presented'; readonly text: string };

/** RFC 6750, 2.1; the scheme's name is case-insensitive (RFC 9110, 11.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** Lists all values of a header. The case of its name does not matter. */
export function headerValues(headers: MultiValueHeaders, lowerCaseName: string): readonly string[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    name.toLowerCase() === lowerCaseName ? (values ?? []) : [],
  );
}

/**
 * Reads the credential of a request. A request with more than one is malformed: a proxy in front may have looked at the other one.
 */
export function readCredential(presentation: Presentation, headers: MultiValueHeaders): Presented {
  const values = headerValues(headers, credentialHeader(presentation));
  const [value] = values;
  if (value === undefined) return { kind: 'missing' };
  if (values.length > 1) return { kind: 'malformed' };
  if (presentation.kind === 'header')
    return value === '' ? { kind: 'missing' } : { kind: 'presented', text: value };
  const text = BEARER.exec(value)?.[1];
  return text === undefined ? { kind: 'malformed' } : { kind: 'presented', text };
}

/** The header that holds the credential. Lower case. */
export function credentialHeader(presentation: Presentation): string {
  return presentation.kind === 'bearer' ? 'authorization' : presentation.header;
}

/**
 * Reads the workspace that a request names, if the profile has a header for it. Several values become one text with commas (RFC
 * 9110, 5.3). That is never a slug, so a request cannot choose between workspaces.
 * @returns unverified text; `undefined` if the request names no workspace.
 */
export function readNamedWorkspace(
  { personalAccessTokens }: Pick<Profile, 'personalAccessTokens'>,
  headers: MultiValueHeaders,
): string | undefined {
  if (personalAccessTokens === undefined) return undefined;
  const values = headerValues(headers, personalAccessTokens.workspaceHeader);
  return values.length === 0 ? undefined : values.join(', ');
}
