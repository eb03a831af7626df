import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { managementRoutesOf } from '../../core/management/route.ts';
import { ROOT } from '../bin/processes.ts';
import { memoryOf, send, startProduct, type TestProduct } from '../product.ts';
import { tallied } from './tally.ts';
import { type Issued, operatorOf } from './tenants.ts';

const tally = tallied('The holder of a credential can end it, from anywhere and whatever else it may not do');

let product: TestProduct;
/** One of everything that can leak, by what is odd about it. */
let leaked: Record<string, Issued>;
beforeAll(async () => {
  product = await startProduct('sophic');
  const { ask, issueKey, issueToken } = operatorOf(product);
  const acme = { workspace: 'acme', owner: product.users.owner };
  const members = { ...acme, owner: product.users.member };
  const elsewhere = { allowed_cidrs: ['192.0.2.0/24'] };
  leaked = {
    'a reading key': await issueKey(acme, 'reading'),
    'an administering key': await issueKey(acme, 'administering'),
    'a member’s key': await issueKey(members, 'reading'),
    'a disabled key': await issueKey(acme, 'administering'),
    'a key of other networks': await issueKey(acme, 'administering', elsewhere),
    'a disabled key of other networks': await issueKey(acme, 'reading', { allowed_cidrs: ['2001:db8::/32'] }),
    'a key about to expire': await issueKey(acme, 'reading', {
      expires_at: new Date(Date.now() + 600_000).toISOString(),
    }),
    'an admin’s key': await issueKey({ ...acme, owner: product.users.admin }, 'reading'),
    'an owner’s token': await issueToken(product.users.owner),
    'a member’s token': await issueToken(product.users.member),
  };
  for (const name of ['a disabled key', 'a disabled key of other networks'])
    await ask(`PATCH /workspaces/acme/keys/${leaked[name]?.id}`, { enabled: false });
});
afterAll(() => product.stop());

const statusOf = async (issued: Issued) => {
  const { ask } = operatorOf(product);
  if (issued.id.startsWith('key_')) return (await ask(`GET /workspaces/acme/keys/${issued.id}`)).status;
  const tokens = await Promise.all(
    [product.users.owner, product.users.member].map((user) => ask(`GET /users/${user}/tokens`)),
  );
  const all = tokens.flatMap((page): { id: string; status: string }[] => page.tokens);
  return all.find(({ id }) => id === issued.id)?.status;
};

const verify = (credential: string) => operatorOf(product).ask('POST /keys/verify', { credential });

/** The command of the page about leaks, as its reader pastes it. */
async function endIt(secret: string): Promise<{ id: string; status: string; code?: string }> {
  const page = readFileSync(join(ROOT, 'docs', 'leaks.md'), 'utf8');
  const [command = ''] = /^curl .*keys\/self\/revoke.*$/m.exec(page) ?? [];
  expect(command).toContain('$LEAK');
  const environment = { ...process.env, MANAGEMENT_URL: product.managementUrl, LEAK: secret };
  return JSON.parse((await promisify(execFile)('bash', ['-c', command], { env: environment })).stdout);
}

tally.test('a key that is disabled, or used from elsewhere, does nothing else but end itself', async () => {
  const before = await memoryOf(product, 'any');
  for (const name of ['a disabled key', 'a key of other networks', 'a disabled key of other networks'])
    for (const { method, path, caller } of managementRoutesOf(product.profile)) {
      if (caller === 'holder' || caller === 'public') continue;
      tally.count('refused calls');
      const url =
        product.managementUrl + path.replace('{workspace}', 'acme').replace('{key}', leaked[name]?.id ?? '');
      const { status } = await send(url, { method, credential: leaked[name]?.secret ?? '' });
      expect([name, method, path, status]).toEqual([name, method, path, 401]);
    }
  const after = (await memoryOf(product, 'any')).filter(({ outcome }) => outcome !== 'refused');
  expect(after).toEqual(before);
});

tally.test(
  'each ends by the command that the page about leaks shows, at once, for good, and nothing else does',
  async () => {
    for (const [name, issued] of Object.entries(leaked)) {
      tally.count('credentials ended');
      const others = Object.values(leaked).filter(({ id }) => id !== issued.id);
      const statuses = () => Promise.all(others.map(statusOf));
      const before = await statuses();
      expect([name, await endIt(issued.secret)]).toMatchObject([name, { id: issued.id, status: 'revoked' }]);
      expect([name, await endIt(issued.secret)]).toMatchObject([name, { code: 'unauthorized' }]);
      expect([name, await statusOf(issued)]).toEqual([name, 'revoked']);
      expect(await verify(issued.secret)).toMatchObject({ valid: false, code: 'revoked' });
      expect(await statuses()).toEqual(before);
    }
  },
);
