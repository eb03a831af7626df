import { join } from 'node:path';
import type { Profile } from '../core/profile/profile.ts';

const SCOPES = join(import.meta.dirname, '..', 'core', 'access', 'scope.ts');

/**
 * The source of the module that takes the place of `#profile` in a bundle. It holds the profile as synthesis has parsed it,
 * so that no function starts with parsing, nor carries a parser for it.
 */
export function profileModule({ scopes, ...others }: Profile): string {
  if (scopes === undefined) return `export const profile = ${JSON.stringify(others)};\n`;
  const catalogue = `catalogueOf(${JSON.stringify(scopes.definitions)})`;
  return `import { catalogueOf } from ${JSON.stringify(SCOPES)};
export const profile = { ...${JSON.stringify(others)}, scopes: ${catalogue} };
`;
}
