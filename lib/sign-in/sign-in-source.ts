/** Who signs people in for a deployment: a user pool of this app, or an issuer of the customer's own. */
export interface SignInSource {
  /** The `iss` of every token. */
  readonly issuerUrl: string;
  /** The client that consoles and command lines sign in as. It has no secret. */
  readonly clientId: string;
  /** What the console's page calls and leads to. */
  readonly calledUrls: readonly string[];
  /** Whether people who were invited become members when they sign in. */
  readonly acceptsInvitations: boolean;
  /** What a client asks the issuer for. */
  readonly request: SignInRequest;
  /** The variables that the functions need which verify the tokens of people, or tell where they sign in. */
  readonly environment: Record<string, string>;
}

/** What a client asks the issuer for, beside what the code flow asks for anyway. */
export interface SignInRequest {
  /** The scopes of OpenID Connect, such as `openid`. */
  readonly scopes: readonly string[];
  /** Further parameters of the requests for a sign-in and for tokens, such as `resource`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The variables of functions that tell what a client asks the issuer for. */
export function requestEnvironment({ scopes, parameters }: SignInRequest): Record<string, string> {
  const further = new URLSearchParams(parameters).toString();
  return {
    KEYWARD_SIGN_IN_SCOPES: scopes.join(' '),
    ...(further !== '' && { KEYWARD_SIGN_IN_PARAMETERS: further }),
  };
}
