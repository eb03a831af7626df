import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeClientTypes } from '../openapi/client-types.ts';

/** `npm run api-client-types`: writes the types of the client from the description of every product. */
const ROOT = join(import.meta.dirname, '..');
const file = join(ROOT, 'client', 'api.ts');
writeFileSync(file, writeClientTypes());
execFileSync('npx', ['biome', 'check', '--write', file], { cwd: ROOT, stdio: 'inherit' });
