import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { manager, memoryOf } from '../product.ts';
import {
  folder,
  issue,
  keyward,
  loseEverything,
  product,
  statusOf,
  succeed,
  useRehearsal,
} from './rehearsal.ts';

useRehearsal();

test('rehearsed: export, wipe, restore; every key still works, and every revoked one still fails', async () => {
  const file = join(folder, 'whole.jsonl');
  const [kept, revoked, rotated] = [await issue(), await issue(), await issue()];
  const bounded = await issue({ allowed_cidrs: ['127.0.0.0/8', '::1/128'] });
  const elsewhere = await issue({ allowed_cidrs: ['192.0.2.0/24'] });
  await manager(product).revoke(revoked.id);
  const { secret: renewed } = (await manager(product).rotate(rotated.id, 0)).body;
  const before = await memoryOf(product, 'any');
  const counts = await succeed('backup', '--to', file);

  await loseEverything();
  expect(await statusOf(kept.secret)).toBe(401);

  const restored = await succeed('restore', '--from', file);
  const closed = { revoked: [], disabled: [], members: [], owners: [], invitations: [], plans: [], lost: [] };
  expect(restored).toEqual({ ...counts, ...closed });
  expect(await memoryOf(product, 'any')).toEqual(before);
  for (const secret of [kept.secret, renewed, bounded.secret]) expect(await statusOf(secret)).toBe(200);
  expect(await statusOf(elsewhere.secret)).not.toBe(200);
  for (const secret of [revoked.secret, rotated.secret]) expect(await statusOf(secret)).toBe(401);
  expect((await manager(product).list()).status).toBe(200);
});

test('a backup is for its owner’s eyes, holds no secret, and is not written over', async () => {
  const file = join(folder, 'once.jsonl');
  const { secret } = await issue();
  await succeed('backup', '--to', file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain(secret);
  expect(text).not.toContain(product.managementKey);
  const twice = await keyward('backup', '--to', file);
  expect(twice).toMatchObject({ code: 1, stdout: '' });
  expect(readFileSync(file, 'utf8')).toBe(text);
});
