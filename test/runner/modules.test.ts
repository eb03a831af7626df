import { expect, test } from '@jest/globals';
import * as valibot from 'valibot';
import { profile } from '../standard-profile.ts';

/** As another suite would import it. */
const importElsewhere = (specifier: string) => import(`${specifier}?suite=another`);

test('each suite has modules of this repository of its own, so that none finds the state of another', async () => {
  const own = await import('../standard-profile.ts');
  const others = await importElsewhere('../standard-profile.ts');
  expect(own.profile).toBe(profile);
  expect(others.profile).not.toBe(profile);
  expect(others.profile).toEqual(profile);
});

test('packages are loaded once for all suites', async () => {
  expect((await import('valibot')).object).toBe(valibot.object);
});

test('the profile of the functions is that of the product standard', async () => {
  const specifier = '#profile';
  expect((await import(specifier)).profile).toBe(profile);
});
