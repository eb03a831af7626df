import type { ScopeCatalogue } from '../access/scope.ts';
import type { Profile } from './profile.ts';

/** How the console looks for one product, and the words that it uses. Functions know nothing of it. */
export interface ConsoleRules {
  /** The product's name, as its customers read it. */
  readonly product: string;
  /** Where the page stands in the product, such as Settings → API Keys. */
  readonly place: readonly string[];
  /** The words on the button that makes a key. */
  readonly createLabel: string;
  /** What the product calls a workspace, in lower case. */
  readonly words: { readonly workspace: string; readonly workspaces: string };
  /** `#rrggbb`, in lower case. */
  readonly accent: string;
  /** A file beside that of the profile. Absent if the product shows its name alone. */
  readonly logo?: string;
  /** Names that an empty form suggests. */
  readonly nameExamples: readonly string[];
  /** How many days a new key lasts unless the person chooses otherwise. Absent for keys that do not end. */
  readonly defaultExpiryDays?: ExpiryDays;
  /** The scopes that "read only" chooses. Empty if the page does not offer that choice. */
  readonly readOnlyScopes: readonly string[];
  /** The tool that a first call uses. Absent for a first call that lists the tools, or that gets a route. */
  readonly firstTool?: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };
}

/** The numbers of days that the form of a new key offers. */
export const EXPIRY_DAYS = [7, 30, 60, 90] as const;
export type ExpiryDays = (typeof EXPIRY_DAYS)[number];

/** `my-crm` as `My Crm`: the name of a product that does not say how it is written. */
export function titleOf(name: string): string {
  return name
    .split('-')
    .filter((word) => word !== '')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ');
}

/** The scopes that surely only read: all their grants are routes with GET or HEAD, and so are those that they imply. */
export function scopesThatOnlyRead({ definitions, closure }: ScopeCatalogue): string[] {
  const grantsOf = new Map(definitions.map(({ name, grants }) => [name, grants]));
  const onlyReads = (name: string) => (grantsOf.get(name) ?? []).every((grant) => /^(GET|HEAD) /.test(grant));
  return definitions
    .filter(({ grants }) => grants.length > 0)
    .map(({ name }) => name)
    .filter((name) => [...(closure.get(name) ?? [name])].every(onlyReads));
}

/** The first call that a product's page shows. */
export type FirstCall =
  | { readonly kind: 'http'; readonly method: string; readonly path: string }
  | { readonly kind: 'mcp'; readonly path: string; readonly message: object };

/**
 * Finds a call with which to try a new key: if possible a route that reads and takes no parameter, otherwise a message of MCP.
 * The parts of a path that are not fixed become 1.
 */
export function findFirstCall(
  { routes, mcp }: Profile,
  firstTool?: ConsoleRules['firstTool'],
): FirstCall | undefined {
  if (mcp !== undefined && firstTool !== undefined) {
    const params = { name: firstTool.name, arguments: firstTool.arguments };
    return { kind: 'mcp', path: mcp.path, message: message('tools/call', params) };
  }
  const reading = routes.filter((route) => /^(GET|\*) [^{]+$/.test(route));
  const first = reading.find((route) => !/\/\*(\/|$)/.test(route)) ?? reading[0];
  if (first === undefined && mcp !== undefined)
    return { kind: 'mcp', path: mcp.path, message: message('tools/list') };
  const route = first ?? routes[0];
  if (route === undefined) return undefined;
  const [method = 'GET', path = '/'] = route.split(' ');
  return { kind: 'http', method: method === '*' ? 'GET' : method, path: exactPath(path) };
}

function message(method: string, params?: object): object {
  return { jsonrpc: '2.0', id: 1, method, ...(params !== undefined && { params }) };
}

/** A path that matches a pattern. */
function exactPath(pattern: string): string {
  return pattern.replace(/\/?\*\*$/, '').replaceAll(/\/(\*|\{[^}]+\})(?=\/|$)/g, '/1') || '/';
}
