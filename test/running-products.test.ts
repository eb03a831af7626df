import { expect, test } from '@jest/globals';
import { itemsOf, manager, startProduct } from './product.ts';

test('a product that is borrowed again is warm, and as good as new', async () => {
  const first = await startProduct();
  const { key, secret } = (await manager(first).issue()).body;
  expect(first.lines.length).toBeGreaterThan(0);
  await first.stop();

  const second = await startProduct();
  try {
    expect(second.managementUrl).toBe(first.managementUrl);
    expect(second.lines).toEqual([]);
    expect(second.assembly.recordedCalls()).toEqual([]);
    expect((await manager(second).get(key.id)).status).toBe(404);
    expect((await manager(second, first.managementKey).list()).status).toBe(401);
    const secrets = await itemsOf(second, second.tables.secrets);
    expect(secrets).toEqual([]);
    expect((await manager(second).verify({ credential: secret })).body).toMatchObject({ valid: false });
    expect((await manager(second).issue()).status).toBe(201);
  } finally {
    await second.stop();
  }
});

test('two suites at a time have two products', async () => {
  const one = await startProduct();
  const other = await startProduct();
  expect(other.managementUrl).not.toBe(one.managementUrl);
  await Promise.all([one.stop(), other.stop()]);
});
