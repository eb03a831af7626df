export type SignInState =
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'signed_out';
      /** A whole sentence; `null` where nothing went wrong. */
      readonly reason: string | null;
      /** Whether the tab had a session of the product: its person may have no account at the issuer. */
      readonly wasSession: boolean;
    }
  | { readonly kind: 'signed_in'; readonly by: 'issuer' | 'session' }
  /** A link would replace the sign-in of this tab. `problem` says why a try to open it has failed. */
  | { readonly kind: 'link_asked'; readonly problem: string | null }
  /** The link cannot be used. The sign-in of this tab is as it was. */
  | { readonly kind: 'link_refused'; readonly reason: string };

export const ENDED = 'You were signed out, because your session has ended.';
export const SESSION_LEFT =
  'You have signed out here, but the API could not be told. Your session ends 15 minutes after its last use.';
export const TOKEN_LEFT =
  'You have signed out here, but the sign-in service could not be told. Your sign-in there ends by itself.';

export function describeFault(fault: unknown): string {
  const detail = fault instanceof Error ? fault.message : String(fault);
  return `The sign-in could not be reached. Check the connection, and try again. (${detail})`;
}
