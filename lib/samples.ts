import { METHODS } from '../core/access/action-pattern.ts';
import type { Profile } from '../core/profile/profile.ts';
import type { GuardedApiProps } from './apis/guarded-api-props.ts';
import type { EntryName } from './functions/bundle.ts';

/** What the sample API of a product is made of. */
export interface Sample {
  /** Which of Keyward’s functions serves it. */
  readonly entry: EntryName;
  /**
   * The function that serves MCP. Its bundle holds a whole MCP server.
   * @default that of `entry`
   */
  readonly mcpEntry?: EntryName | undefined;
  /** Whether the sample stores rows in a table. */
  readonly hasRows: boolean;
  /**
   * What the sample offers of the profile's routes.
   * @default 'collections'
   */
  readonly offer?: Offer | undefined;
  /** Who verifies on the profile's routes: the authorizer in front of the function, or the function's own guard. */
  readonly verifiedBy: 'authorizer' | 'guard';
  /**
   * As {@link GuardedApiProps.binaryMediaTypes}.
   * @default none: all bodies are text
   */
  readonly binaryMediaTypes?: readonly string[] | undefined;
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  socialcrm: { entry: 'sample-socialcrm', hasRows: true, verifiedBy: 'guard' },
  sophic: {
    entry: 'sample-documents',
    mcpEntry: 'sample-documents-mcp',
    hasRows: true,
    verifiedBy: 'authorizer',
  },
  supersonic: { entry: 'sample-crm', hasRows: true, verifiedBy: 'guard' },
  'supersonic-authorized': { entry: 'sample-crm-authorized', hasRows: true, verifiedBy: 'authorizer' },
  standard: { entry: 'sample-collections', hasRows: true, verifiedBy: 'authorizer' },
  supertone: {
    entry: 'sample-voices',
    hasRows: false,
    verifiedBy: 'authorizer',
    binaryMediaTypes: ['audio/wav', 'audio/mpeg'],
  },
};

/** The sample of a product: its own where it has one, otherwise the sample for any product. */
export function sampleOf(profile: Profile): Sample {
  const sample = Object.hasOwn(SAMPLES, profile.name) ? SAMPLES[profile.name] : undefined;
  return sample ?? anySample(profile);
}

/** Offers all routes and tools of a product. Each answers with the caller that the guard let through. */
function anySample({ routes, publicRoutes, mcp }: Profile): Sample {
  const mcpEntry = mcp?.verifiedBy === 'authorizer' ? 'sample-any-mcp-authorized' : 'sample-any-mcp';
  if (routes.length === 0 && publicRoutes.length === 0)
    return { entry: mcpEntry, hasRows: false, verifiedBy: mcp?.verifiedBy ?? 'guard' };
  return {
    entry: 'sample-any',
    mcpEntry: mcp && mcpEntry,
    hasRows: false,
    offer: 'everything',
    verifiedBy: routes.length === 0 ? 'guard' : 'authorizer',
  };
}

export interface SampleRoute {
  readonly method: string;
  readonly path: string;
}

/**
 * What a sample offers for a pattern. `collections`: `/users` lists and makes items, and `/users/{id}` reads, changes and
 * deletes them. `everything`: both paths take every method of the pattern.
 */
export type Offer = 'collections' | 'everything';

/** The methods that a product has functions for. */
const ASKING = METHODS.filter((method) => method !== 'HEAD' && method !== 'OPTIONS');
const ON_COLLECTION = ['GET', 'POST'];
const ON_ITEM = ['GET', 'PUT', 'PATCH', 'DELETE'];

/**
 * The routes of a sample API, for all patterns of its profile, each route once. `/users/**` stands for the collection and each
 * of its items, `*` for a parameter.
 */
export function routesOf(patterns: readonly string[], offer: Offer = 'collections'): SampleRoute[] {
  const nameOf = parameterNames(patterns);
  const routes = patterns
    .flatMap((pattern) => routesOfPattern(pattern, offer, nameOf))
    .map((route) => [`${route.method} ${route.path}`, route] as const);
  return [...new Map(routes).values()];
}

type ParameterName = (parent: string) => string;

function routesOfPattern(pattern: string, offer: Offer, nameOf: ParameterName): SampleRoute[] {
  const [method = '', path = ''] = pattern.split(' ');
  const asked = method === '*' ? ASKING : [method];
  const offered = (methods: readonly string[], at: string) => {
    const verbs = offer === 'everything' ? asked : methods.filter((verb) => asked.includes(verb));
    return verbs.map((verb) => ({ method: verb, path: at }));
  };
  if (!path.endsWith('/**')) {
    const fixed = withParameters(path, nameOf);
    return method === '*' ? offered(ON_COLLECTION, fixed) : [{ method, path: fixed }];
  }
  const collection = withParameters(path.slice(0, -'/**'.length), nameOf);
  const item = `${collection}/{${nameOf(collection)}}`;
  return [...offered(ON_COLLECTION, collection || '/'), ...offered(ON_ITEM, item)];
}

function withParameters(path: string, nameOf: ParameterName): string {
  return path.split('/').reduce((parent, part) => `${parent}/${part === '*' ? `{${nameOf(parent)}}` : part}`);
}

/** API Gateway takes only one parameter name at a place. So a wildcard gets the name that another pattern has there. */
function parameterNames(patterns: readonly string[]): ParameterName {
  const given = new Map<string, string>();
  for (const pattern of patterns) {
    const parts = (pattern.split(' ')[1] ?? '').split('/');
    for (const [index, part] of parts.entries()) {
      const [, name] = /^\{([^}]+)\}$/.exec(part) ?? [];
      if (name !== undefined) given.set(shapeOf(parts.slice(0, index).join('/')), name);
    }
  }
  const base = freeBase([...given.values()]);
  return (parent) => given.get(shapeOf(parent)) ?? freeName(parent, base);
}

/** The path with every parameter as a wildcard. */
function shapeOf(path: string): string {
  return path.replaceAll(/\{[^}]+\}/g, '*');
}

/** A path may not have two parameters of the same name. */
function freeName(parent: string, base: string): string {
  const count = parent.split('{').length;
  return count === 1 ? base : `${base}${count}`;
}

/** A name that no pattern uses, with or without a number after it. */
function freeBase(given: readonly string[], base = 'id'): string {
  const isTaken = given.some((name) => name.replace(/\d*\+?$/, '') === base);
  return isTaken ? freeBase(given, `${base}_`) : base;
}
