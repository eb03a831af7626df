import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileFieldsPage, profileJsonSchema } from './profile-reference.ts';

/** `npm run profile-reference`: writes what is made from the schema of profiles. */
const ROOT = join(import.meta.dirname, '..');
const schema = join(ROOT, 'profiles', 'profile.schema.json');
const page = join(ROOT, 'docs', 'profiles', 'fields.md');
writeFileSync(schema, JSON.stringify(profileJsonSchema(), null, 2));
writeFileSync(page, profileFieldsPage());
execFileSync('npx', ['biome', 'check', '--write', schema, page], { cwd: ROOT, stdio: 'inherit' });
