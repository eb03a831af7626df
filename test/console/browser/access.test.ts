import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { manager } from '../../product.ts';
import { copySecret, createKey, describeInBrowser, signIn, takeSecret, useConsole } from './visitor.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds in the page as it stands, in short. */
async function findFlaws(page: Page): Promise<unknown> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => [id, ...nodes.map(({ target, failureSummary }) => target + ' ' + failureSummary)]))`);
}

/** Presses Tab until something of this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(
      "(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.labels?.[0]?.textContent ?? document.activeElement?.textContent ?? '')",
    );
    if (name.test(focused.trim())) return;
  }
  throw new Error(`The keyboard does not reach ${name}.`);
}

describeInBrowser('everybody can use the page', () => {
  const run = useConsole('standard');

  test('the keyboard alone goes from the sign-in to a revoked key', async () => {
    const { page } = await run.visit();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await tabTo(page, /^Sign in$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await tabTo(page, /^owner/i);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Create key' }).waitFor();
    await tabTo(page, /^Create key$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('by keyboard');
    await tabTo(page, /^Choose$/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Copy the key' }).waitFor();
    await tabTo(page, /^Copy key$/);
    await copySecret(page, () => page.keyboard.press('Enter'));
    await tabTo(page, /^Done$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Revoke by keyboard' }).waitFor();
    await tabTo(page, /^Revoke by keyboard$/);
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel');
    await tabTo(page, /^Revoke key$/);
    await page.keyboard.press('Enter');
    await page.getByRole('row').filter({ hasText: 'by keyboard' }).getByText('Revoked').waitFor();
  });

  test.each(['light', 'dark'] as const)(
    'axe finds nothing in any view, in the %s theme',
    async (colorScheme) => {
      const { page, settle } = await run.visit('', { colorScheme });
      const flaws: unknown[] = [];
      const look = async (view: string) => flaws.push([view, await findFlaws(page)]);
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      await look('sign-in');
      await signIn(page, 'owner');
      await page.getByRole('button', { name: 'Create key' }).click();
      await page.getByRole('dialog').waitFor();
      await look('form');
      await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
      await page.getByText('Give the key a name.').waitFor();
      await look('form with problems');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await createKey(page, `axe ${colorScheme}`);
      await page.getByRole('dialog', { name: 'Copy the key' }).waitFor();
      await look('secret');
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('heading', { name: 'Make a first call' }).waitFor();
      await look('first call');
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await look('list');
      await page.getByRole('checkbox', { name: `Select axe ${colorScheme}` }).check();
      await look('selection');
      await page.getByRole('button', { name: 'Revoke selected' }).click();
      await page.getByRole('alertdialog').waitFor();
      await look('several at once');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: `More for axe ${colorScheme}` }).click();
      await page.getByRole('menuitem', { name: 'Rotate' }).click();
      await page.getByRole('dialog').waitFor();
      await look('rotate');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: `Revoke axe ${colorScheme}` }).click();
      await page.getByRole('alertdialog').waitFor();
      await look('revoke');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('link', { name: `axe ${colorScheme}` }).click();
      await page.getByText('Key id').waitFor();
      await look('key');
      await page.getByRole('link', { name: 'Members', exact: true }).click();
      await page.getByRole('button', { name: 'Rename yourself' }).click();
      await page.getByRole('dialog').waitFor();
      await look('rename');
      await page.getByRole('button', { name: 'Cancel' }).click();
      for (const view of ['Members', 'Activity', 'Settings']) {
        await page.getByRole('link', { name: view, exact: true }).click();
        await page.getByRole('heading', { level: 1, name: view }).waitFor();
        await settle();
        await look(view);
      }
      expect(flaws.filter((flaw) => JSON.stringify(flaw).length > 60)).toEqual([]);
      expect(flaws).toHaveLength(15);
    },
  );

  test('a member is offered what the role allows, and told why not the rest', async () => {
    const { page } = await run.visitAs('member');
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByText('Your role, member, cannot grant it.').waitFor();
    expect(await page.getByRole('checkbox', { name: 'admin' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByText('only owners and admins can read it').waitFor();
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('Only owners and admins of the workspace invite and change members.').waitFor();
    expect(await page.getByRole('button', { name: 'Invite a member' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByText('Only an owner can rename the workspace.').waitFor();
  });

  test('no list is wider than a narrow window, whatever names there are, and what was done covers no button', async () => {
    const { page } = await run.visitAs('owner');
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByLabel('Name').fill('A name as long as names may be, '.repeat(3));
    await page.getByLabel('Read only').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await takeSecret(page);
    await page.getByLabel('Created by').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.getByRole('button', { name: /^Revoke A name/ }).click();
    await page.getByRole('button', { name: 'Disable instead' }).click();
    const done = await page.locator('.announcer p').boundingBox();
    const menu = await page.getByRole('button', { name: 'Open the menu' }).boundingBox();
    expect((done?.x ?? 360) + (done?.width ?? 0)).toBeLessThanOrEqual(menu?.x ?? 0);
    expect(done?.y).toBeLessThan(20);
    await page.evaluate("location.hash = '#/acme/activity'");
    await page.getByLabel('Key', { exact: true }).waitFor();
    await page.locator('.event').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  test('the menu of a narrow window opens in sight however far the list was scrolled, and Escape gives the focus back', async () => {
    const { issue } = manager(run.product);
    for (const name of ['one', 'two', 'three', 'four']) await issue({ name });
    const { page } = await run.visitAs('owner');
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole('link', { name: 'one', exact: true }).scrollIntoViewIfNeeded();
    const button = page.getByRole('button', { name: 'Open the menu' });
    await button.click();
    const link = page.getByRole('link', { name: 'Members' });
    const box = await link.boundingBox();
    expect(box?.y).toBeGreaterThan(0);
    expect(box?.y).toBeLessThan(740);
    await link.focus();
    await page.keyboard.press('Escape');
    await link.waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Open the menu');
    await button.click();
    await link.click();
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    expect(await page.title()).toBe('Members · Standard');
  });

  test('after a key was revoked the keyboard goes on from its row', async () => {
    await manager(run.product).issue({ name: 'left by keyboard' });
    const { page } = await run.visitAs('owner');
    await page.getByRole('button', { name: 'Revoke left by keyboard' }).click();
    await page.getByRole('button', { name: 'Revoke key' }).click();
    await page.getByRole('row').filter({ hasText: 'left by keyboard' }).getByText('Revoked').waitFor();
    await page.locator('a:focus', { hasText: 'left by keyboard' }).waitFor();
  });

  test('in a low window, or with large text, a form leaves room for its fields', async () => {
    await manager(run.product).issue({ name: 'W'.repeat(100) });
    const { page } = await run.visitAs('owner');
    await page.setViewportSize({ width: 640, height: 400 });
    await page.getByRole('button', { name: 'More for WWW' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('short');
    const save = page.getByRole('button', { name: 'Save changes' });
    for (const field of [page.getByRole('textbox', { name: 'Networks' }), save]) {
      await field.scrollIntoViewIfNeeded();
      const box = await field.boundingBox();
      expect(box?.y).toBeGreaterThan(0);
      expect((box?.y ?? 400) + (box?.height ?? 0)).toBeLessThan(400);
    }
    await save.click();
    await page.getByRole('link', { name: 'short' }).waitFor();
  });

  test('an admin cannot touch an owner', async () => {
    const { page } = await run.visitAs('admin', '#/acme/members');
    await page.getByText('Only an owner can change or remove an owner.').waitFor();
    const roles = page.getByRole('combobox', { name: `(${run.product.users.member})` });
    expect(await roles.locator('option').allInnerTexts()).toEqual(['Admin', 'Member']);
  });
});
