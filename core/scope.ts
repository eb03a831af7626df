import { matchesAction } from './action-pattern.ts';

/**
 * What a credential may do. `all` and a list of names are different things: an empty list means `all` only where the
 * profile says so, and is translated at the edge.
 */
export type Scopes = 'all' | readonly [string, ...string[]];

export interface ScopeDefinition {
  readonly name: string;
  readonly description: string;
  readonly grants: readonly string[];
  readonly implies: readonly string[];
}

/** The scopes of one profile, with what each implies worked out once. */
export interface ScopeCatalogue {
  readonly definitions: readonly ScopeDefinition[];
  /** Each name with itself and all that it implies, over any number of steps. */
  readonly closure: ReadonlyMap<string, ReadonlySet<string>>;
}

export function catalogueOf(definitions: readonly ScopeDefinition[]): ScopeCatalogue {
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

/** How an action is granted: by the named scopes, any of which is enough. */
export interface Requirement {
  /** The narrowest scope that grants the action, to be named to a caller who lacks it. */
  readonly requiredScope: string;
  /** Every scope that grants it, directly or by implication. */
  readonly grantedBy: readonly string[];
}

/**
 * Works out which scopes grant an action.
 * @returns `undefined` when no scope does. Definitions are in order of breadth: the first that grants is the narrowest.
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
  return { requiredScope: narrowest.name, grantedBy };
}

export function holdsAny(held: Scopes, names: readonly string[]): boolean {
  return held === 'all' || names.some((name) => held.includes(name));
}

/** Tells whether whoever holds `held` holds everything in `asked`: the rule of every "no more than oneself". */
export function covers(catalogue: ScopeCatalogue, held: Scopes, asked: Scopes): boolean {
  if (held === 'all') return true;
  if (asked === 'all') return false;
  return asked.every((name) => held.some((own) => catalogue.closure.get(own)?.has(name) === true));
}

/** The action patterns that the scopes grant, with all that they imply. */
export function grantedPatterns(catalogue: ScopeCatalogue, held: Scopes): string[] {
  const names =
    held === 'all'
      ? [...catalogue.closure.keys()]
      : held.flatMap((name) => [...(catalogue.closure.get(name) ?? [])]);
  const granted = catalogue.definitions.filter(({ name }) => names.includes(name));
  return [...new Set(granted.flatMap(({ grants }) => grants))];
}
