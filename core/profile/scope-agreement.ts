import { ROLES } from '../access/role.ts';
import { covers, type ScopeCatalogue, type ScopeDefinition, type Scopes } from '../access/scope.ts';
import { didYouMean } from '../text/closest-word.ts';
import type { Report } from './mistakes.ts';
import type { Profile } from './profile.ts';

/** Every scope that a profile uses must be defined once. No scope implies itself. No role holds more than a higher one. */
export function checkScopes({ scopes, roleScopes }: Profile, report: Report): void {
  const definitions = scopes?.definitions ?? [];
  const names = definitions.map(({ name }) => name);
  let areKnown = true;
  const refuse: Report = (disagreement) => {
    areKnown = false;
    report(disagreement);
  };
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    const sentence = `The profile defines the scope ${name} twice.`;
    refuse({ between: ['scopes'], path: ['scopes', index, 'name'], sentence });
  }
  const use = (name: string, part: 'implies' | 'role_scopes', path: readonly (string | number)[]) => {
    if (names.includes(name)) return;
    const meant = didYouMean(name, names);
    const sentence = `The profile uses the scope ${name} but does not define it${meant}`;
    refuse({ between: ['scopes', part], path, sentence });
  };
  for (const [scope, { implies }] of definitions.entries())
    for (const [index, name] of implies.entries()) use(name, 'implies', ['scopes', scope, 'implies', index]);
  for (const role of ROLES) {
    const held = roleScopes?.[role] ?? 'all';
    if (held === 'all') continue;
    for (const [index, name] of held.entries()) use(name, 'role_scopes', ['role_scopes', role, index]);
  }
  const circle = circleOf(definitions);
  if (circle !== undefined) {
    const sentence = `The profile's scopes imply each other in a circle: ${circle.join(' implies ')}.`;
    const scope = names.indexOf(circle[0] ?? '');
    refuse({ between: ['scopes', 'implies'], path: ['scopes', scope, 'implies'], sentence });
  }
  if (areKnown && scopes !== undefined && roleScopes !== undefined) checkRoles(scopes, roleScopes, report);
}

/** In a circle every scope would grant everything that the others grant. */
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

/** `all` is more than a list of all scopes: it grows with the profile. */
function checkRoles(
  catalogue: ScopeCatalogue,
  roleScopes: NonNullable<Profile['roleScopes']>,
  report: Report,
): void {
  for (const [index, lower] of ROLES.entries()) {
    const higher = ROLES[index - 1];
    if (higher === undefined) continue;
    const excess = excessOf(catalogue, roleScopes[higher], roleScopes[lower]);
    if (excess === undefined) continue;
    const sentence = `The profile's role_scopes give ${lower} ${excess}, which the higher role ${higher} does not hold.`;
    report({ between: ['scopes', 'implies', 'role_scopes'], path: ['role_scopes', lower], sentence });
  }
}

/** Names the scopes in `asked` that go beyond `held`; `undefined` if there are none. */
function excessOf(catalogue: ScopeCatalogue, held: Scopes, asked: Scopes): string | undefined {
  if (covers(catalogue, held, asked)) return undefined;
  if (asked === 'all') return 'all scopes';
  return `the scope ${asked.find((name) => !covers(catalogue, held, [name]))}`;
}
