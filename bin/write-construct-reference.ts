import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constructPage } from './construct-page.ts';

/** `npm run construct-reference`: writes the page of all constructs from their docstrings. */
const ROOT = join(import.meta.dirname, '..');
const PAGE = 'docs/constructs.md';
writeFileSync(join(ROOT, PAGE), constructPage());
execFileSync('npx', ['biome', 'format', '--write', PAGE], { cwd: ROOT, stdio: 'inherit' });
