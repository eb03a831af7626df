import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { LocalProduct } from '../../bin/local-product.ts';
import { welcome } from '../../bin/start-output.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { ROOT } from './processes.ts';

test('the first page for newcomers shows what npm start prints', () => {
  const page = readFileSync(join(ROOT, 'docs/getting-started.md'), 'utf8');
  const [managementKey = ''] = /kwm_\w+/.exec(page) ?? [];
  const product: Omit<LocalProduct, 'assembly' | 'tables'> = {
    profile: loadProfile('standard').profile,
    managementUrl: 'http://127.0.0.1:4000',
    apiUrl: 'http://127.0.0.1:4001',
    issuerUrl: 'http://127.0.0.1:4002',
    consoleUrl: 'http://127.0.0.1:4000/console/',
    managementKey,
    workspace: 'acme',
    users: {
      owner: 'usr_acmeOwner00000000000',
      admin: 'usr_acmeAdmin00000000000',
      member: 'usr_acmeMember0000000000',
    },
  };
  const printed = welcome(product as LocalProduct);
  expect(page).toContain(`\`\`\`\n${printed.trim()}\n\`\`\``);
});
