import { expect, test } from '@jest/globals';
import { startProduct } from '../product.ts';
import { clientOf, methodsOf, useEveryMethod } from './every-method.ts';

test.each([
  ['standard', /^tokens\./],
  ['sophic', /^$/],
])('every method works against the running product %s', async (name, absent) => {
  const product = await startProduct(name);
  try {
    const used = await useEveryMethod(product);
    const methods = methodsOf(clientOf(product, product.managementKey));
    expect([...used].sort()).toEqual(methods.filter((method) => !absent.test(method)).sort());
  } finally {
    await product.stop();
  }
});

test('a product without tokens answers a call for one as it answers any unknown path', async () => {
  const product = await startProduct('standard');
  try {
    const call = clientOf(product, product.managementKey).tokens.listFor({ user_id: 'usr_1' });
    await expect(call).rejects.toMatchObject({ code: 'not_found', status: 404 });
  } finally {
    await product.stop();
  }
});
