import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentFieldsPage, deploymentJsonSchema } from './deployment-reference.ts';
import { profileFieldsPage, profileJsonSchema } from './profile-reference.ts';

/** `npm run file-reference`: writes what is made from the schemas of profiles and of a deployment's file. */
const ROOT = join(import.meta.dirname, '..');
const written = {
  'profiles/profile.schema.json': JSON.stringify(profileJsonSchema(), null, 2),
  'docs/profiles/fields.md': profileFieldsPage(),
  'lib/deployment.schema.json': JSON.stringify(deploymentJsonSchema(), null, 2),
  'docs/settings-fields.md': deploymentFieldsPage(),
};
for (const [path, text] of Object.entries(written)) writeFileSync(join(ROOT, path), text);
const paths = Object.keys(written);
execFileSync('npx', ['biome', 'check', '--write', ...paths], { cwd: ROOT, stdio: 'inherit' });
