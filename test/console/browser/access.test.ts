import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { manager } from '../../product.ts';
import { describeInBrowser, signIn, takeSecret, useConsole } from './visitor.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds in the page as it stands, in short. */
async function findFlaws(page: Page): Promise<unknown> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => [id, ...nodes.map(({ target, failureSummary }) => target + ' ' + failureSummary)]))`);
}

async function create(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Read only').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
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
    await page.keyboard.press('Enter');
    await tabTo(page, /^Done$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
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
      const { page } = await run.visit('', { colorScheme, reducedMotion: 'reduce' });
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
      await create(page, `axe ${colorScheme}`);
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
      for (const view of ['Members', 'Activity', 'Settings']) {
        await page.getByRole('link', { name: view, exact: true }).click();
        await page.getByRole('heading', { level: 1, name: view }).waitFor();
        await page.waitForLoadState('networkidle');
        await look(view);
      }
      expect(flaws.filter((flaw) => JSON.stringify(flaw).length > 60)).toEqual([]);
      expect(flaws).toHaveLength(14);
    },
  );

  test('a member is offered what the role allows, and told why not the rest', async () => {
    const { page } = await run.visitAs('member');
    await page.getByRole('button', { name: 'Create key' }).first().click();
    expect(await page.getByRole('checkbox', { name: 'admin' }).count()).toBe(0);
    await page.getByText('Your role, member, cannot grant it.').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByText('only owners and admins can read it').waitFor();
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('Only owners and admins of the workspace invite and change members.').waitFor();
    expect(await page.getByRole('button', { name: 'Invite a member' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByText('Only an owner can rename the workspace.').waitFor();
  });

  test('an admin cannot touch an owner', async () => {
    const { page } = await run.visitAs('admin', '#/acme/members');
    await page.getByText('Only an owner can change or remove an owner.').waitFor();
    const roles = page.getByRole('combobox', { name: `Role of ${run.product.users.member}` });
    expect(await roles.locator('option').allInnerTexts()).toEqual(['Admin', 'Member']);
  });
});

describeInBrowser('the page through an interruption', () => {
  const run = useConsole('standard');

  test('an ended sign-in says so, and the next one comes back to the same place', async () => {
    const visitor = await run.visitAs('owner', '#/acme/keys?status=active&q=x');
    const { page, context } = visitor;
    await context.route('**/v1/**', (route) =>
      route.fulfill({ status: 401, json: { code: 'unauthorized' } }),
    );
    await context.route('**/token', (route) =>
      route.fulfill({ status: 400, json: {}, headers: { 'access-control-allow-origin': '*' } }),
    );
    await page.getByLabel('Search keys').fill('xy');
    await page.getByLabel('Status').selectOption('revoked');
    await page.getByText('You were signed out, because your session has ended.').waitFor();
    await context.unrouteAll();
    await signIn(page, 'owner');
    expect(new URL(page.url()).hash).toBe('#/acme/keys?q=xy&status=revoked');
    visitor.problems.splice(0);
  });

  test('a reload keeps the sign-in, and signing out forgets it', async () => {
    const { page } = await run.visitAs('owner');
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  test('two tabs agree', async () => {
    const { page, context } = await run.visitAs('owner');
    await create(page, 'seen twice');
    await takeSecret(page);
    const other = await context.newPage();
    await other.goto(page.url());
    await signIn(other, 'owner');
    const row = (tab: Page) => tab.getByRole('row').filter({ hasText: 'seen twice' });
    await row(other).getByText('Active').waitFor();
    await row(page).getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke key' }).click();
    await row(other).getByText('Revoked').waitFor();
  });

  test('without a connection the page says so, and a form keeps what was typed', async () => {
    const visitor = await run.visitAs('owner');
    const { page, context } = visitor;
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByLabel('Name').fill('offline');
    await page.getByLabel('Read only').check();
    await context.setOffline(true);
    await page.getByText('You are offline.').waitFor({ state: 'attached' });
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await page.getByText('The server cannot be reached.').waitFor();
    await context.setOffline(false);
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await takeSecret(page);
    await page.getByRole('row').filter({ hasText: 'offline' }).waitFor();
    visitor.problems.splice(0);
  });

  test('a link fills the form in, and creates nothing by itself', async () => {
    const { page } = await run.visitAs(
      'owner',
      '#/acme/keys/new?name=from-a-link&scopes=read:all,nothing&expires=30',
    );
    expect(await page.getByLabel('Name').inputValue()).toBe('from-a-link');
    await page.getByText('“from-a-link” may use the scope read:all, from any network, until').waitFor();
    expect(await page.getByLabel('30 days').isChecked()).toBe(true);
    const keys = await manager(run.product).list();
    expect(JSON.stringify(keys.body)).not.toContain('from-a-link');
  });

  test('a key is bound to the address of the person in one press', async () => {
    const { page } = await run.visitAs('owner');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByLabel('Name').fill('from-here');
    await page.getByLabel('Read only').check();
    await page.getByRole('button', { name: 'Only my address' }).click();
    await page.getByText('only from 127.0.0.1/32').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await takeSecret(page);
    const { keys } = (await manager(run.product).list()).body;
    expect(keys[0]).toMatchObject({ name: 'from-here', allowed_cidrs: ['127.0.0.1/32'] });
  });

  test('an address of another workspace shows nothing of it', async () => {
    const { page } = await run.visitAs('owner');
    await page.evaluate("location.hash = '#/other/keys'");
    await page.getByText('You are in no such workspace').waitFor();
  });
});
