import { matchesAction } from './action-pattern.ts';

/**
 * What a credential may do. `all` and a list of names are different things. An empty list means `all` only in profiles that
 * say so, and the edge translates it.
 */
export type Scopes = 'all' | readonly [string, ...string[]];

export interface ScopeDefinition {
  readonly name: string;
  readonly description: string;
  readonly grants: readonly string[];
  readonly implies: readonly string[];
  /** The only kinds of credential with which the scope works; absent if it works with every kind. */
  readonly heldBy?: readonly ProductCredentialKind[];
}

/** The scopes of one profile, and for each the scopes that it implies. */
export interface ScopeCatalogue {
  readonly definitions: readonly ScopeDefinition[];
  /** Each name with itself and all scopes that it implies, over any number of steps. */
  readonly closure: ReadonlyMap<string, ReadonlySet<string>>;
}

export function makeCatalogue(definitions: readonly ScopeDefinition[]): ScopeCatalogue {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const closure = new Map(definitions.map(({ name }) => [name, reachable(name, byName)]));
  return { definitions, closure };
}

function reachable(name: string, byName: ReadonlyMap<string, ScopeDefinition>): Set<string> {
  const found = new Set([name]);
  for (const next of found) {
    for (const implied of byName.get(next)?.implies ?? []) found.add(implied);
  }
  return found;
}

/** How an action is granted: one of the named scopes is enough. */
export interface Requirement {
  /** The narrowest scope that grants the action. A caller who lacks it is told its name. */
  readonly requiredScope: string;
  /** Every scope that grants it, directly or by implication. */
  readonly grantedBy: readonly string[];
  /** The only kinds of credential that may do it, whatever scopes others hold; absent if every kind may. */
  readonly heldBy?: readonly CredentialKind[];
}

/**
 * Works out which scopes grant an action. If one of them is for some kinds of credential only, the action is for these kinds
 * only, even if other scopes grant it too.
 * @returns `undefined` if no scope grants it. The definitions go from narrow to broad, so the first that grants is the narrowest.
 */
export function requirementOf(catalogue: ScopeCatalogue, action: string): Requirement | undefined {
  const direct = catalogue.definitions.filter(({ grants }) =>
    grants.some((pattern) => matchesAction(pattern, action)),
  );
  const [narrowest] = direct;
  if (narrowest === undefined) return undefined;
  const names = new Set(direct.map(({ name }) => name));
  const grantedBy = catalogue.definitions
    .map(({ name }) => name)
    .filter((name) => [...(catalogue.closure.get(name) ?? [])].some((held) => names.has(held)));
  const heldBy = kindsHolding(direct);
  return { requiredScope: narrowest.name, grantedBy, ...(heldBy && { heldBy }) };
}

function kindsHolding(definitions: readonly ScopeDefinition[]): ProductCredentialKind[] | undefined {
  const bounds = definitions.flatMap(({ heldBy }) => (heldBy === undefined ? [] : [heldBy]));
  const [first, ...others] = bounds;
  return first?.filter((kind) => others.every((bound) => bound.includes(kind)));
}

/** Tells whether a kind of credential may meet a requirement at all. */
export function isForKind({ heldBy }: Requirement, kind: CredentialKind): boolean {
  return heldBy === undefined || heldBy.includes(kind);
}

export function holdsAny(held: Scopes, names: readonly string[]): boolean {
  if (typeof held === 'string') return held === 'all';
  for (const name of names) if (held.includes(name)) return true;
  return false;
}

/** Tells whether `held` includes everything in `asked`. Every rule of "no more than one's own" uses this. */
export function covers(catalogue: ScopeCatalogue, held: Scopes, asked: Scopes): boolean {
  if (held === 'all') return true;
  if (asked === 'all') return false;
  return asked.every((name) => held.some((own) => catalogue.closure.get(own)?.has(name) === true));
}

/**
 * The scopes that two sets have in common: all that `held` implies and `bound` covers.
 * @returns `none` if they have nothing in common.
 */
export function intersectScopes(catalogue: ScopeCatalogue, held: Scopes, bound: Scopes): Scopes | 'none' {
  if (held === 'all') return bound;
  if (bound === 'all') return held;
  const reached = new Set(held.flatMap((name) => [...(catalogue.closure.get(name) ?? [])]));
  const [first, ...rest] = [...reached].filter((name) => covers(catalogue, bound, [name]));
  return first === undefined ? 'none' : [first, ...rest];
}

/** The action patterns that the scopes grant to a kind of credential, with all that they imply. */
export function grantedPatterns(
  catalogue: ScopeCatalogue,
  { kind, scopes: held }: { readonly kind: CredentialKind; readonly scopes: Scopes },
): string[] {
  const names =
    held === 'all'
      ? [...catalogue.closure.keys()]
      : held.flatMap((name) => [...(catalogue.closure.get(name) ?? [])]);
  const granted = catalogue.definitions.filter(
    ({ name, heldBy }) =>
      names.includes(name) && (heldBy === undefined || heldBy.some((own) => own === kind)),
  );
  return [...new Set(granted.flatMap(({ grants }) => grants))];
}

/** `person`: a signed-in user in one workspace. They hold no secret of Keyward's. */
export type CredentialKind = ProductCredentialKind | 'management_key' | 'person';

export type ProductCredentialKind = (typeof PRODUCT_CREDENTIAL_KINDS)[number];

/** The kinds of credential that a product's callers present. */
export const PRODUCT_CREDENTIAL_KINDS = ['api_key', 'personal_access_token'] as const;
