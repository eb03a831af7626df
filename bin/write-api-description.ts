import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProfile } from '../lib/files/profile-file.ts';
import { describeApi } from '../openapi/describe-api.ts';

/** `npm run api-description`: writes the description of the management API of `standard`. */
const ROOT = join(import.meta.dirname, '..');
const page = join(ROOT, 'docs', 'openapi.json');
writeFileSync(page, JSON.stringify(describeApi(loadProfile('standard').profile), null, 2));
execFileSync('npx', ['biome', 'check', '--write', page], { cwd: ROOT, stdio: 'inherit' });
