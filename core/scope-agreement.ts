import type { Profile } from './profile.ts';
import { ROLES } from './role.ts';
import { covers, type ScopeCatalogue, type ScopeDefinition, type Scopes } from './scope.ts';

type Refuse = (sentence: string) => never;

/** Names of scopes that are used must be defined, and defined once; none implies itself; and no role holds more than a higher one. */
export function checkScopes({ scopes, roleScopes }: Profile, refuse: Refuse): void {
  const definitions = scopes?.definitions ?? [];
  const names = definitions.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse(`The profile defines the scope ${twice} twice.`);
  const used = [
    ...definitions.flatMap(({ implies }) => implies),
    ...ROLES.flatMap((role) => roleScopes?.[role] ?? []).filter((name) => name !== 'all'),
  ];
  const unknown = used.find((name) => !names.includes(name));
  if (unknown !== undefined) refuse(`The profile uses the scope ${unknown} but does not define it.`);
  const circle = circleOf(definitions);
  if (circle !== undefined)
    refuse(`The profile's scopes imply each other in a circle: ${circle.join(' implies ')}.`);
  if (scopes !== undefined && roleScopes !== undefined) checkRoles(scopes, roleScopes, refuse);
}

/** In a circle every scope would grant what all of them grant, whatever each was meant for. */
function circleOf(definitions: readonly ScopeDefinition[]): string[] | undefined {
  const impliedBy = new Map(definitions.map(({ name, implies }) => [name, implies]));
  const cleared = new Set<string>();
  const search = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (cleared.has(name)) return undefined;
    for (const implied of impliedBy.get(name) ?? []) {
      const circle = search(implied, [...path, name]);
      if (circle !== undefined) return circle;
    }
    cleared.add(name);
    return undefined;
  };
  for (const { name } of definitions) {
    const circle = search(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** `all` is more than a list of all there are: it grows with the profile, and is issued as such. */
function checkRoles(
  catalogue: ScopeCatalogue,
  roleScopes: NonNullable<Profile['roleScopes']>,
  refuse: Refuse,
): void {
  for (const [index, lower] of ROLES.entries()) {
    const higher = ROLES[index - 1];
    if (higher === undefined) continue;
    const excess = excessOf(catalogue, roleScopes[higher], roleScopes[lower]);
    if (excess === undefined) continue;
    refuse(
      `The profile's role_scopes give ${lower} ${excess}, which the higher role ${higher} does not hold.`,
    );
  }
}

/** What of `asked` goes beyond `held`, in words. */
function excessOf(catalogue: ScopeCatalogue, held: Scopes, asked: Scopes): string | undefined {
  if (covers(catalogue, held, asked)) return undefined;
  if (asked === 'all') return 'all scopes';
  return `the scope ${asked.find((name) => !covers(catalogue, held, [name]))}`;
}
