import { expect, test } from '@jest/globals';
import { send } from '../../product.ts';
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
    await page.getByText(run.product.users.member).waitFor();
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
    const { page, problems } = await run.visit(await makeLink(run.product.users.admin));
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    const { managementUrl, managementKey, users } = run.product;
    await send(`${managementUrl}/v1/workspaces/acme/members/${users.admin}`, {
      method: 'DELETE',
      credential: managementKey,
    });
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('You were signed out, because your session has ended.').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    problems.splice(0);
  });

  test('signs out for good', async () => {
    const { page } = await run.visit(await makeLink(run.product.users.owner));
    const kept = await page
      .getByRole('button', { name: 'Sign out' })
      .waitFor()
      .then(() => page.evaluate<string>("JSON.parse(sessionStorage.getItem('keyward.sign-in')).token"));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You have signed out.').waitFor();
    const { status } = await send(`${run.product.managementUrl}/v1/me`, { credential: kept });
    expect(status).toBe(401);
  });
});
