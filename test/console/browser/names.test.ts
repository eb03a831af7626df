import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { manager, send } from '../../product.ts';
import { describeInBrowser, useConsole } from './visitor.ts';

describeInBrowser('people on the page', () => {
  const run = useConsole('standard');

  async function name(user: string, text: string, role?: string): Promise<void> {
    const { managementUrl, managementKey: credential } = run.product;
    const body = { name: text, role };
    const url = `${managementUrl}/v1/workspaces/acme/members/${encodeURIComponent(user)}`;
    expect((await send(url, { method: 'PUT', credential, body })).status).toBeLessThan(300);
  }

  const widthOf = (page: Page) => page.evaluate('document.documentElement.scrollWidth');

  test('a member who is named there is found by the name in the list, the filter, the key and the activity', async () => {
    const { users } = run.product;
    const { issue } = manager(run.product);
    await issue({ name: 'of the member', created_by: users.member });
    await issue({ name: 'of the owner' });
    const { page } = await run.visitAs('owner', '#/acme/members');
    await page.getByRole('button', { name: `Rename member@acme.example (${users.member})` }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Ada of Sales');
    await page.getByRole('button', { name: 'Save' }).click();
    const members = page.getByRole('row').filter({ hasText: 'Ada of Sales' });
    await members.getByText(users.member, { exact: true }).waitFor();
    await page.getByRole('combobox', { name: `Role of Ada of Sales (${users.member})` }).waitFor();

    await page.getByRole('link', { name: 'API Keys' }).click();
    const row = page.getByRole('row').filter({ hasText: 'Ada of Sales' });
    await row.getByText('of the member').waitFor();
    await row.getByText(users.member).waitFor();
    const ownerKey = page.getByRole('link', { name: 'of the owner' });
    await ownerKey.waitFor();
    const makers = page.getByLabel('Created by');
    await makers.selectOption({ label: `Ada of Sales (${users.member})` });
    await ownerKey.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'of the member' }).click();
    await page.locator('.fact').filter({ hasText: 'Ada of Sales' }).getByText(users.member).waitFor();

    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    const event = page.locator('.event').filter({ hasText: 'You changed the name of Ada of Sales.' });
    await event.getByText('name: member@acme.example → Ada of Sales').waitFor();
    await event.getByText(`Ada of Sales is ${users.member}`).waitFor();
    await page.getByLabel('By', { exact: true }).selectOption({ label: `By Ada of Sales (${users.member})` });
    await page.getByText('No activity matches.').waitFor();
  });

  test('people of one name stay apart, and no name is more than text or wider than the window', async () => {
    const { users } = run.product;
    const names = ['<img src=x onerror=alert(1)>', 'عادة', 'W'.repeat(100), 'One Name', 'One Name'];
    for (const [index, text] of names.entries()) {
      await name(`usr_named${index}`, text, 'admin');
      await manager(run.product).issue({ name: `key ${index}`, created_by: `usr_named${index}` });
    }
    const { page } = await run.visitAs('owner', '#/acme/members');
    await page.setViewportSize({ width: 360, height: 740 });
    for (const [index, text] of names.entries()) {
      const member = page.getByRole('row').filter({ hasText: `usr_named${index}` });
      await member.getByText(text, { exact: true }).waitFor();
      expect(await member.count()).toBe(1);
    }
    expect(await widthOf(page)).toBe(360);
    await page.evaluate("location.hash = '#/acme/keys'");
    for (const index of [3, 4]) {
      const key = page.getByRole('row').filter({ hasText: `key ${index}` });
      await key.getByText('One Name').waitFor();
      await key.getByText(`usr_named${index}`).waitFor();
    }
    expect(await widthOf(page)).toBe(360);
    const options = await page.getByLabel('Created by').locator('option').allTextContents();
    expect(options).toEqual(expect.arrayContaining(['One Name (usr_named3)', 'One Name (usr_named4)']));
    expect(new Set(options).size).toBe(options.length);
    await page.evaluate("location.hash = '#/acme/activity'");
    await page.locator('.event').first().waitFor();
    expect(await widthOf(page)).toBe(360);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    await name(users.owner, 'W'.repeat(100));
    await page.reload();
    await page.locator('.where').getByText(users.owner).waitFor();
    expect(await widthOf(page)).toBe(360);
  });

  test('an API that refuses a name is heard, and nothing is lost of what was typed', async () => {
    const { page, forgive } = await run.visitAs('admin', '#/acme/members');
    const own = page.getByRole('button', { name: 'Rename yourself' });
    await own.waitFor();
    expect(await page.getByRole('button', { name: `(${run.product.users.owner})` }).count()).toBe(0);
    await own.click();
    const field = page.getByRole('dialog').getByLabel('Name');
    forgive();
    await field.fill('x'.repeat(101));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('1 to 100 characters').waitFor();
    expect(await field.inputValue()).toHaveLength(101);
    await field.fill('Grace');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row').filter({ hasText: 'Grace (you)' }).waitFor();
    await page.locator('.side').getByText('Grace', { exact: true }).waitFor();
  });
});
