import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constructPage } from './construct-page.ts';

/** `npm run construct-reference` */
writeFileSync(join(import.meta.dirname, '..', 'docs/constructs.md'), constructPage());
