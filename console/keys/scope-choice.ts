import type { Membership, Scope } from '../api/records.ts';
import type { ConsoleConfig, RoleName } from '../config.ts';
import { joinWords } from '../text/words.ts';

/** A ready choice of scopes. `choose` lets a person tick them one by one. */
export type Preset = 'read_only' | 'everything' | 'choose';

/** What a person may put on a new key, and what not with a reason. */
export interface ScopeOffer {
  readonly scopes: readonly Scope[];
  readonly withheld: readonly { readonly scope: Scope; readonly reason: string }[];
  readonly presets: readonly Preset[];
}

type ScopeConfig = Pick<ConsoleConfig, 'features' | 'read_only_scopes'>;

/** Offers only scopes that the API would take from a person of this role. */
export function offerScopes(
  { features, read_only_scopes }: ScopeConfig,
  { catalogue, role }: { readonly catalogue: readonly Scope[]; readonly role: RoleName },
): ScopeOffer {
  const reasonAgainst = ({ name }: Scope): string | undefined => {
    if (features.token_only_scopes.includes(name)) return 'Only a personal access token can hold it.';
    const granted = features.role_scopes?.[role] ?? 'all';
    if (granted === 'all' || granted.includes(name)) return undefined;
    return `Your role, ${role}, cannot grant it.`;
  };
  const scopes = catalogue.filter((scope) => reasonAgainst(scope) === undefined);
  const withheld = catalogue.flatMap((scope) => {
    const reason = reasonAgainst(scope);
    return reason === undefined ? [] : [{ scope, reason }];
  });
  const canRead = read_only_scopes.some((name) => scopes.some((scope) => scope.name === name));
  const presets: Preset[] = [];
  if (canRead) presets.push('read_only');
  if (scopes.length > 1) presets.push('everything');
  if (scopes.length > 0) presets.push('choose');
  return { scopes, withheld, presets };
}

/** The scopes that a preset puts on a key. A scope that another one implies is left out. */
export function scopesOfPreset(
  preset: Preset,
  { offer, chosen, config }: { offer: ScopeOffer; chosen: readonly string[]; config: ScopeConfig },
): readonly string[] {
  if (preset === 'choose') return chosen;
  const names = offer.scopes.map(({ name }) => name);
  if (preset === 'read_only') return config.read_only_scopes.filter((name) => names.includes(name));
  if (config.features.empty_scopes_mean_all && offer.withheld.length === 0) return [];
  const implied = new Set(offer.scopes.flatMap(({ implies }) => implies));
  return names.filter((name) => !implied.has(name));
}

/** The preset that a list of scopes stands for. */
export function presetOfScopes(
  value: readonly string[],
  { offer, config }: { readonly offer: ScopeOffer; readonly config: ScopeConfig },
): Preset {
  const isSame = (preset: Preset) => {
    const scopes = scopesOfPreset(preset, { offer, chosen: [], config });
    return scopes.length === value.length && scopes.every((scope) => value.includes(scope));
  };
  return offer.presets.filter((preset) => preset !== 'choose').find(isSame) ?? 'choose';
}

/** Says in words what a list of scopes allows: "all tools", "read:all and write:all", "5 scopes: …". */
export function describeScopes(
  scopes: readonly string[],
  { features }: Pick<ConsoleConfig, 'features'>,
): string {
  if (!features.scopes) return 'everything';
  if (scopes.length === 0) return features.empty_scopes_mean_all ? 'everything' : 'nothing yet';
  return joinWords(scopes);
}

/** Whether a membership sees everybody's keys, and not only its own. */
export function reachesAll({ role }: Pick<Membership, 'role'>): boolean {
  return role !== 'member';
}
