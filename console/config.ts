/** What a deployment says of itself, in `config.json` beside the page. */
export interface ConsoleConfig {
  readonly product: string;
  readonly realm: string;
  readonly words: { readonly workspace: string; readonly workspaces: string };
  /** Where the keys stand, such as `["Settings", "API Keys"]`. */
  readonly place: readonly string[];
  readonly create_label: string;
  readonly name_examples: readonly string[];
  /** How long a new key lasts unless the person chooses otherwise; `null` for keys that do not end. */
  readonly default_expiry_days: 7 | 30 | 60 | 90 | null;
  /** As `#rrggbb`. */
  readonly accent: string;
  readonly logo: string | null;
  /** Of the management API; empty where the page stands on its origin. */
  readonly api_url: string;
  /** `null` where a session is the only way in. */
  readonly sign_in: SignInConfig | null;
  /** Where a person whose session has ended gets a new one; `null` where the deployment does not say. */
  readonly return_url: string | null;
  readonly product_api: { readonly url: string } | null;
  readonly credential: { readonly header: string; readonly scheme: string | null };
  readonly first_call: FirstCall | null;
  /** The scopes that only read; empty where the product has none such. */
  readonly read_only_scopes: readonly string[];
  readonly features: Features;
}

export interface SignInConfig {
  readonly issuer: string;
  readonly client_id: string;
  readonly scopes: readonly string[];
  /** Further parameters of the requests for a sign-in and for tokens. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A call of the product's API that every new key may make. */
export type FirstCall =
  | { readonly kind: 'http'; readonly method: string; readonly path: string }
  | {
      readonly kind: 'mcp';
      readonly path: string;
      readonly rpc: { readonly method: string; readonly params?: unknown };
    };

export const ROLES = ['owner', 'admin', 'member'] as const;
export type RoleName = (typeof ROLES)[number];

export interface Features {
  readonly name_required: boolean;
  readonly scopes_required: boolean;
  /** Whether the product has scopes. */
  readonly scopes: boolean;
  readonly empty_scopes_mean_all: boolean;
  readonly max_active_keys: number | null;
  readonly rate_limits: boolean;
  /** Whether keys act with the role of their creator. */
  readonly roles: boolean;
  readonly personal_access_tokens: { readonly workspace_header: string } | null;
  /** Which scopes each role may grant; `null` where every role may grant all. */
  readonly role_scopes: Readonly<Record<RoleName, 'all' | readonly string[]>> | null;
  /** Whether people who are invited become members when they sign in. */
  readonly invitations: boolean;
  /** Scopes that no API key holds. */
  readonly token_only_scopes: readonly string[];
}

/** @throws {Error} where there is no `config.json`, or it holds no object. */
export async function loadConfig(): Promise<ConsoleConfig> {
  // index.html preloads it, which a fetch of other options would not find.
  const answer = await fetch('./config.json');
  if (!answer.ok) throw new Error(`config.json answered ${answer.status}.`);
  return (await answer.json()) as ConsoleConfig;
}
