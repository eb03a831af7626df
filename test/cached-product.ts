import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProfile } from '../lib/profile-file.ts';
import type { RunOptions } from '../local/index.ts';
import { startAssembly, type TestProduct } from './product.ts';
import { sharedAssembly } from './shared-assembly.ts';

/** A product whose verdicts can be kept, with all that can take power away there: scopes, roles, rotation. */
const PROFILE = {
  name: 'library',
  realm: 'library',
  presentation: { kind: 'header', header: 'x-library-key' },
  api_key: { prefix: 'lib_', random_length: 30, checksum: true },
  issuing: { requires_name: false, requires_scopes: true },
  scopes: [
    { name: 'read', description: 'See books', grants: ['GET /books/**'] },
    { name: 'write', description: 'See and add books', implies: ['read'], grants: ['POST /books/**'] },
    {
      name: 'remove',
      description: 'Change and remove books',
      grants: ['PUT /books/**', 'PATCH /books/**', 'DELETE /books/**'],
    },
    { name: 'keys', description: 'Administer keys', grants: ['keyward.administer'] },
  ],
  inherits_role: true,
  routes: ['* /books/**'],
};

export const TTL_SECONDS = 2;

/** Runs the product with its verdicts kept. @param folder where its profile is written to. */
export async function startCachedProduct(
  folder: string,
  overrides: Pick<RunOptions, 'now' | 'interceptFlush'>,
): Promise<TestProduct> {
  const path = join(folder, 'library.json');
  writeFileSync(path, JSON.stringify(PROFILE));
  const { profile } = loadProfile(path);
  const assemblyDirectory = await sharedAssembly(path, { 'cache-seconds': String(TTL_SECONDS) });
  return startAssembly({ profile, assemblyDirectory }, overrides);
}
