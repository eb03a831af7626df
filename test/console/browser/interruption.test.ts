import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { manager, send } from '../../product.ts';
import { createKey, describeInBrowser, signIn, takeSecret, useConsole } from './visitor.ts';

describeInBrowser('the page through an interruption', () => {
  const run = useConsole('standard');

  test('an ended sign-in says so, and the next one comes back to the same place', async () => {
    const { page, context, forgive, settle } = await run.visitAs('owner', '#/acme/keys?status=active&q=x');
    await page.getByLabel('Search keys').fill('xy');
    // The filter below is the first call that fails.
    await settle();
    forgive();
    await context.route('**/v1/**', (route) =>
      route.fulfill({ status: 401, json: { code: 'unauthorized' } }),
    );
    await context.route('**/token', (route) =>
      route.fulfill({ status: 400, json: {}, headers: { 'access-control-allow-origin': '*' } }),
    );
    await page.getByLabel('Status').selectOption('revoked');
    await page.getByText('You were signed out, because your session has ended.').waitFor();
    await context.unrouteAll();
    await signIn(page, 'owner');
    expect(new URL(page.url()).hash).toBe('#/acme/keys?q=xy&status=revoked');
  });

  test('a reload keeps the sign-in, and signing out forgets it', async () => {
    const { page } = await run.visitAs('owner');
    await page.reload();
    // The page says so, and then goes to the issuer, which sends it back.
    const back = page.waitForResponse((response) => response.url() === run.product.consoleUrl);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await back;
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  test('filters by maker and by day stand in the address, and a reload keeps them', async () => {
    const { users, managementUrl, managementKey } = run.product;
    const { issue } = manager(run.product);
    await issue({ name: 'of the admin', created_by: users.admin });
    await issue({ name: 'of the owner' });
    await send(`${managementUrl}/v1/workspaces/acme`, {
      method: 'PATCH',
      credential: managementKey,
      body: { name: 'Acme Ltd.' },
    });
    const { page } = await run.visitAs('owner');
    const link = (name: string) => page.getByRole('link', { name, exact: true });
    await link('of the owner').waitFor();
    await page.getByLabel('Created by').selectOption(users.admin);
    await link('of the owner').waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe(`#/acme/keys?maker=${users.admin}`);
    await page.reload();
    await link('of the admin').click();
    await page.getByRole('link', { name: 'What happened to this key' }).click();
    const rows = page.locator('.event');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(1);
    await page.getByLabel('Key', { exact: true }).selectOption('');
    await page.getByText('name: Acme → Acme Ltd.').waitFor();
    await page.getByLabel('By', { exact: true }).selectOption(users.member);
    await page.getByText('No activity matches.').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByText('No activity matches.').waitFor({ state: 'detached' });
    await page.getByLabel('From').fill('2026-01-01');
    await page.getByLabel('To').fill('2026-01-02');
    await page.getByText('No activity matches.').waitFor();
    await page.reload();
    expect(await page.getByLabel('To').inputValue()).toBe('2026-01-02');
    expect(new URL(page.url()).hash).toBe('#/acme/activity?from=2026-01-01&to=2026-01-02');
  });

  test('two tabs agree', async () => {
    const { page, context } = await run.visitAs('owner');
    await createKey(page, 'seen twice');
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
    const { page, context, forgive } = await run.visitAs('owner');
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByLabel('Name').fill('offline');
    await page.getByLabel('Read only').check();
    forgive();
    await context.setOffline(true);
    await page.getByText('You are offline.').waitFor({ state: 'attached' });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByText('The server cannot be reached.').waitFor();
    await context.setOffline(false);
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await takeSecret(page);
    await page.getByRole('row').filter({ hasText: 'offline' }).waitFor();
  });

  test('a key whose answer was lost on the way is made once, and its secret works', async () => {
    const { managementUrl, managementKey } = run.product;
    const { page, context, forgive } = await run.visitAs('owner');
    forgive();
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByLabel('Name').fill('lost and found');
    await page.getByLabel('Read only').check();
    await context.route('**/v1/workspaces/acme/keys', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      await route.fetch();
      await route.abort();
    });
    const create = page.getByRole('dialog').getByRole('button', { name: 'Create key' });
    await create.click();
    await page.getByText('The server cannot be reached.').waitFor();
    await context.unrouteAll();
    await create.click();
    const credential = await takeSecret(page);
    const verdict = await send(`${managementUrl}/v1/keys/verify`, {
      credential: managementKey,
      body: { credential },
    });
    expect(verdict.body.valid).toBe(true);
    const { keys } = (await manager(run.product).list()).body;
    expect(keys.filter(({ name }: { name: string }) => name === 'lost and found')).toHaveLength(1);
  });

  test('a change of a key that has ended meanwhile is refused, and the list then shows it as it is', async () => {
    const { issue, revoke } = manager(run.product);
    const { id } = (await issue({ name: 'ended elsewhere' })).body.key;
    const { page, forgive } = await run.visitAs('owner');
    forgive();
    await page.getByRole('button', { name: 'More for ended elsewhere' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByLabel('Name').fill('another name');
    await revoke(id);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('row').filter({ hasText: 'ended elsewhere' }).getByText('Revoked').waitFor();
  });

  test('a form whose scopes cannot be read says so, and opens as soon as they can', async () => {
    const { page, context, forgive } = await run.visit();
    forgive();
    await context.route('**/v1/scopes', (route) =>
      route.fulfill({ status: 500, json: { code: 'internal_error', detail: 'Something is wrong.' } }),
    );
    await signIn(page, 'owner');
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByRole('dialog').getByText('Something is wrong.').waitFor();
    await context.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByLabel('Name').fill('as soon as it can be');
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

  test('a view that cannot be drawn says so, and the others work on', async () => {
    const { page, context, forgive } = await run.visit();
    forgive();
    await context.route(/\/v1\/workspaces\/acme\/members/, (route) =>
      route.fulfill({ json: { members: [null], next_cursor: null } }),
    );
    await signIn(page, 'owner');
    await page.getByText('This view cannot be shown').waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  });

  test('an answer of an issuer that this tab has not asked for signs nobody in, and leaves the address', async () => {
    const { page } = await run.visit('?code=stolen&state=made-up#//evil.example');
    await page.getByText('This answer belongs to no sign-in of this tab.').waitFor();
    expect(page.url()).toBe(`${run.product.consoleUrl}#/`);
  });

  test('an address of another workspace shows nothing of it', async () => {
    const { page } = await run.visitAs('owner');
    await page.evaluate("location.hash = '#/other/keys'");
    await page.getByText('You are in no such workspace').waitFor();
  });
});
