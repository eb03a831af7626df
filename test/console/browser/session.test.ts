import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { manager, send } from '../../product.ts';
import { describeInBrowser, takeSecret, useConsole } from './visitor.ts';

describeInBrowser('a link that the product’s back end has made', () => {
  const run = useConsole('standard');

  /** The part of the link behind the address of the console. */
  async function makeLink(userId: string): Promise<string> {
    const { managementUrl, managementKey } = run.product;
    const body = { user_id: userId, workspace: 'acme' };
    const answer = await send(`${managementUrl}/v1/sessions`, { credential: managementKey, body });
    return new URL(answer.body.url).hash;
  }

  test('signs its user in, creates a key in their name, survives a reload, and works once', async () => {
    const link = await makeLink(run.product.users.member);
    const { page, context, problems } = await run.visit(link);
    await page.locator('.side').getByText(run.product.users.member).waitFor();
    expect(page.url()).not.toContain('session');
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByLabel('Name').fill('from a session');
    await page.getByLabel('Read only').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await takeSecret(page);
    await page.reload();
    await page.getByRole('link', { name: 'from a session' }).waitFor();

    const other = await context.newPage();
    await other.goto(`${run.product.consoleUrl}${link}`);
    await other.getByText('This link has been used or is too old.').waitFor();
    expect(other.url()).not.toContain('session=');
    expect(problems.splice(0)).toEqual([expect.stringContaining('410')]);
  });

  test('ends with its user, and the page says so', async () => {
    const { page, forgive, settle } = await run.visit(await makeLink(run.product.users.admin));
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await settle();
    forgive();
    const { managementUrl, managementKey, users } = run.product;
    await send(`${managementUrl}/v1/workspaces/acme/members/${users.admin}`, {
      method: 'DELETE',
      credential: managementKey,
    });
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('You were signed out, because your session has ended.').waitFor();
    expect(await page.evaluate("sessionStorage.getItem('keyward.sign-in')")).toBeNull();
    await page.getByText('It signs you in with a link that works once.').waitFor();
    expect(await page.getByRole('button', { name: 'Sign in' }).count()).toBe(0);
  });

  test('ends when the product signs its user out, and the next link of the tab comes back to the same view', async () => {
    const { managementUrl, managementKey, users, consoleUrl } = run.product;
    const { page, forgive, settle } = await run.visit(await makeLink(users.owner));
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    // The step to the next view makes the first call that fails.
    await settle();
    forgive();
    await send(`${managementUrl}/v1/sessions/revoke`, {
      credential: managementKey,
      body: { user_id: users.owner, workspace: 'acme' },
    });
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByText('You were signed out, because your session has ended.').waitFor();
    await page.goto(`${consoleUrl}${await makeLink(users.owner)}`);
    await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
    expect(page.url()).toBe(`${consoleUrl}#/acme/activity`);
  });

  test('asks before it replaces another sign-in of the tab, and staying keeps that one', async () => {
    const { users, consoleUrl } = run.product;
    const { page } = await run.visit(await makeLink(users.owner));
    const kept = await readSession(page);
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    await page.goto(`${consoleUrl}${await makeLink(users.member)}`);
    await page.getByText('You are signed in already.').waitFor();
    expect(page.url()).not.toContain('session=');
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    expect(await readSession(page)).toBe(kept);

    await page.goto('about:blank');
    await page.goto(`${consoleUrl}${await makeLink(users.member)}`);
    await page.getByRole('button', { name: 'Open the link' }).click();
    await page.locator('.side').getByText(users.member).waitFor();
    const { status } = await send(`${run.product.managementUrl}/v1/me`, { credential: kept });
    expect(status).toBe(401);
  });

  test('of the same person in the same workspace asks nothing, and ends the session before', async () => {
    const { users, consoleUrl, managementUrl } = run.product;
    const { page } = await run.visit(await makeLink(users.owner));
    const before = await readSession(page);
    await page.goto('about:blank');
    await page.goto(`${consoleUrl}${await makeLink(users.owner)}`);
    await page.getByRole('button', { name: 'Create key' }).first().waitFor();
    expect(await readSession(page)).not.toBe(before);
    expect((await send(`${managementUrl}/v1/me`, { credential: before })).status).toBe(401);
  });

  test('asks over a sign-in at the issuer too, and ends it when the link is opened', async () => {
    const { users, consoleUrl } = run.product;
    const { page } = await run.visitAs('owner');
    const kept = await page.evaluate<string>("sessionStorage.getItem('keyward.sign-in')");
    expect(kept).toContain('refresh_token');
    await page.goto('about:blank');
    await page.goto(`${consoleUrl}${await makeLink(users.member)}`);
    await page.getByText('You are signed in already.').waitFor();
    expect(await page.evaluate("sessionStorage.getItem('keyward.sign-in')")).toContain('refresh_token');
    const told = page.waitForRequest((request) => request.url().endsWith('/revoke'));
    await page.getByRole('button', { name: 'Open the link' }).click();
    await told;
    await page.locator('.side').getByText(users.member).waitFor();
  });

  test('leaves a live session alone where it has been used', async () => {
    const { users, consoleUrl } = run.product;
    const link = await makeLink(users.owner);
    const { page, problems } = await run.visit(link);
    const kept = await readSession(page);
    await page.goto('about:blank');
    await page.goto(`${consoleUrl}${link}`);
    await page.getByText('This link has been used or is too old.').waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    expect(await readSession(page)).toBe(kept);
    await page.getByRole('button', { name: 'Create key' }).first().waitFor();
    expect(problems.splice(0)).toEqual([expect.stringContaining('410')]);
  });

  test('that cannot be opened for the moment leaves a live session alone, says why, and can be tried again', async () => {
    const { users, consoleUrl } = run.product;
    const { page, context, forgive } = await run.visit(await makeLink(users.owner));
    const kept = await readSession(page);
    forgive();
    await page.goto('about:blank');
    await context.route('**/v1/sessions/exchange', (route) => route.abort());
    await page.goto(`${consoleUrl}${await makeLink(users.member)}`);
    await page.getByText('The sign-in could not be reached.').waitFor();
    expect(await page.evaluate("JSON.parse(sessionStorage.getItem('keyward.sign-in')).token")).toBe(kept);
    await context.unrouteAll();
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    await page.locator('.side').getByText(users.owner).waitFor();
  });

  test('shows in a narrow window who works where, and the form of a new key names the workspace', async () => {
    const { users } = run.product;
    const { page } = await run.visit(await makeLink(users.member), { viewport: { width: 360, height: 720 } });
    const bar = page.locator('.bar');
    await bar.getByText('(acme)').waitFor();
    await bar.getByText(users.member).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByLabel('Read only').check();
    await page.locator('.summary').getByText('(acme).').waitFor();
  });

  test('says so when signing out could not be told to the API', async () => {
    const { page, context, forgive } = await run.visit(await makeLink(run.product.users.owner));
    await readSession(page);
    forgive();
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('the API could not be told').waitFor();
  });

  test('offers what its user may do now, as soon as something was forbidden', async () => {
    const { users, managementUrl, managementKey } = run.product;
    const setRole = (role: string) =>
      send(`${managementUrl}/v1/workspaces/acme/members/${users.admin}`, {
        method: 'PUT',
        credential: managementKey,
        body: { role },
      });
    await setRole('admin');
    const { page, forgive } = await run.visit(await makeLink(users.admin));
    await page.locator('.side').getByText('Admin', { exact: true }).waitFor();
    forgive();
    expect((await setRole('member')).status).toBe(200);
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByText('so only owners and admins can read it').waitFor();
    await page.locator('.side').getByText('Member', { exact: true }).waitFor();
    await setRole('admin');
  });

  test('signs out for good', async () => {
    const { page } = await run.visit(await makeLink(run.product.users.owner));
    const kept = await readSession(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You have signed out.').waitFor();
    const { status } = await send(`${run.product.managementUrl}/v1/me`, { credential: kept });
    expect(status).toBe(401);
  });

  test('lets a member and an admin do no more than the page offers, whatever a script of the page sends', async () => {
    const { users, managementUrl } = run.product;
    const { id } = (await manager(run.product).issue({ name: 'of the owner' })).body.key;
    await send(`${managementUrl}/v1/workspaces/acme/members/${users.admin}`, {
      method: 'PUT',
      credential: run.product.managementKey,
      body: { role: 'admin' },
    });
    const workspace = '/v1/workspaces/acme';
    const attempts = [
      [403, 'PATCH', workspace, { name: 'Mine' }],
      [403, 'PUT', `${workspace}/members/${users.owner}`, { role: 'member' }],
      [403, 'PUT', `${workspace}/members/${users.member}`, { role: 'owner' }],
      [403, 'DELETE', `${workspace}/members/${users.owner}`, undefined],
      [403, 'POST', '/v1/sessions', { user_id: users.owner, workspace: 'acme' }],
      [
        400,
        'POST',
        `${workspace}/keys`,
        { name: 'as another', scopes: ['read:all'], created_by: users.owner },
      ],
    ] as const;
    const ofMembers = [
      [403, 'POST', `${workspace}/keys`, { name: 'too much', scopes: ['admin'] }],
      [403, 'POST', `${workspace}/keys/${id}/revoke`, {}],
      [403, 'GET', `${workspace}/events`, undefined],
    ] as const;
    for (const [user, all] of [
      [users.admin, attempts],
      [users.member, [...attempts, ...ofMembers]],
    ] as const) {
      const { page, forgive } = await run.visit(await makeLink(user));
      const credential = await readSession(page);
      for (const [status, method, path, body] of all) {
        const answer = await send(`${managementUrl}${path}`, { method, credential, body });
        expect([path, answer.status]).toEqual([path, status]);
      }
      if (user === users.member) {
        forgive();
        await page.evaluate(`location.hash = '#/acme/keys/${id}'`);
        await page.getByText('your role does not let you see it').waitFor();
      }
    }
    expect((await manager(run.product).get(id)).body.status).toBe('active');
  });
});

/** The session that the tab keeps, once it is there. */
async function readSession(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return page.evaluate<string>("JSON.parse(sessionStorage.getItem('keyward.sign-in')).token");
}
