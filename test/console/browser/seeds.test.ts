import { expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { send } from '../../product.ts';
import { type ConsoleRun, describeInBrowser, takeSecret, useConsole } from './visitor.ts';

/** Opens the section by the words that the product's own page says. */
async function openSection(page: Page, path: readonly string[]): Promise<void> {
  for (const step of path)
    await page.getByRole('navigation').getByRole('link', { name: step, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: path.at(-1) ?? '', exact: true }).waitFor();
}

const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

/** Revokes a key that the page knows to be used: it asks for the name. */
async function revoke(page: Page, name: string): Promise<void> {
  await row(page, name).getByRole('button', { name: 'Revoke' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('textbox').fill(name);
  await dialog.getByRole('button', { name: 'Revoke key' }).click();
  await dialog.waitFor({ state: 'detached' });
}

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });

async function statusOf(url: string, init: RequestInit): Promise<number> {
  return (await fetch(url, init)).status;
}

function callMcp({ product }: ConsoleRun, path: string, secret: string, rpc: object): Promise<Response> {
  const headers = { ...bearer(secret), 'Content-Type': 'application/json' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, ...rpc });
  return fetch(`${product.apiUrl}${path}`, { method: 'POST', headers, body });
}

/** Lets pages call an API, as one whose allowed origins name the console would. */
async function allowCalls(context: BrowserContext, apiUrl: string): Promise<void> {
  await context.route(`${apiUrl}/**`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), 'access-control-allow-origin': '*' } });
  });
}

describeInBrowser('standard', () => {
  const run = useConsole('standard');

  test('a key is named and scoped, copied, used, given another scope, rotated with overlap, freed of its old secret, and revoked', async () => {
    const { page } = await run.visitAs('owner');
    await openSection(page, ['Settings', 'API Keys']);
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByLabel('Name').fill('ci-pipeline');
    await page.getByRole('checkbox', { name: 'read:all' }).check();
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    const first = await takeSecret(page);
    const users = `${run.product.apiUrl}/users`;
    const write = { method: 'POST', body: '{"name":"Ada"}' };
    expect(await statusOf(users, { headers: bearer(first) })).toBe(200);
    expect(await statusOf(users, { ...write, headers: bearer(first) })).toBe(403);
    await page.reload();
    await row(page, 'ci-pipeline').getByText('just now').waitFor();

    await row(page, 'ci-pipeline').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByLabel('Choose').check();
    await page.getByRole('checkbox', { name: 'write:all' }).check();
    expect(await page.getByRole('table', { name: 'What changes' }).textContent()).toMatch(
      /Scopes\s*read:all\s*read:all and write:all/,
    );
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await row(page, 'write:all').waitFor();
    expect(await statusOf(users, { ...write, headers: bearer(first) })).toBe(201);

    await row(page, 'ci-pipeline').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Rotate' }).click();
    await page.getByLabel('1 hour').check();
    await page.getByRole('button', { name: 'Rotate key' }).click();
    const second = await takeSecret(page);
    expect(second).not.toBe(first);
    expect(await statusOf(users, { headers: bearer(first) })).toBe(200);
    expect(await statusOf(users, { headers: bearer(second) })).toBe(200);

    await page.reload();
    await row(page, 'ci-pipeline').getByText('The old secret is still used: just now').waitFor();
    await page.getByRole('button', { name: 'End the old secret of ci-pipeline now' }).click();
    await page.getByRole('button', { name: 'End old secret' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await statusOf(users, { headers: bearer(first) })).toBe(401);
    expect(await statusOf(users, { headers: bearer(second) })).toBe(200);
    expect(await row(page, 'ci-pipeline').getByText('old secret').count()).toBe(0);

    await revoke(page, 'ci-pipeline');
    expect(await statusOf(users, { headers: bearer(second) })).toBe(401);
  });

  test('the first call can be made from the page, and last used moves', async () => {
    const { page, context } = await run.visitAs('owner');
    await allowCalls(context, run.product.apiUrl);
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByLabel('Name').fill('local-dev');
    await page.getByLabel('Read only').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('button', { name: 'Copy key' }).click();
    await page.getByRole('tab', { name: 'Python' }).click();
    await page.getByText('os.environ').waitFor();
    await page.getByRole('button', { name: 'Test it' }).click();
    await page.getByText(/Answered 200/).waitFor();
    await page.getByText(/Last used just now/).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
  });
});

describeInBrowser('supersonic', () => {
  const run = useConsole('supersonic');

  test('a key of all tools, and one of some, work as the page says', async () => {
    const { page } = await run.visitAs('owner');
    await openSection(page, ['Settings', 'Developers', 'API Keys']);
    const list = {
      method: 'tools/call',
      params: { name: 'records.list', arguments: { object_type_slug: 'companies' } },
    };
    const secrets = [];
    for (const scope of [undefined, 'notes']) {
      await page.getByRole('button', { name: 'Create Key' }).click();
      await page.getByLabel('Name').fill(scope ?? 'all tools');
      if (scope !== undefined) {
        await page.getByLabel('Choose').check();
        await page.getByRole('checkbox', { name: scope }).check();
      }
      await page.getByRole('dialog').getByRole('button', { name: 'Create Key' }).click();
      secrets.push(await takeSecret(page));
    }
    const [all = '', notes = ''] = secrets;
    expect(await (await callMcp(run, '/', all, list)).json()).toHaveProperty('result');
    expect(await (await callMcp(run, '/', notes, list)).json()).toMatchObject({ error: { code: 403 } });
    await page.reload();
    await row(page, 'all tools').getByText('just now').waitFor();
    await revoke(page, 'all tools');
    expect((await callMcp(run, '/', all, list)).status).toBe(401);
  });
});

describeInBrowser('supertone', () => {
  const run = useConsole('supertone');

  test('up to three keys need nothing but a press, and a fourth is not offered until one ends', async () => {
    const { page } = await run.visitAs('owner');
    await openSection(page, ['API Keys']);
    const secrets = [];
    for (let count = 1; count <= 3; count++) {
      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Create new key' }).click();
      secrets.push(await takeSecret(page));
      await page.getByText(`${count} of 3 keys`).waitFor();
    }
    expect(await page.getByRole('button', { name: 'Create new key' }).isDisabled()).toBe(true);
    await isRefusedToMember(run);
    const [secret = ''] = secrets;
    const voices = `${run.product.apiUrl}/v1/voices`;
    expect(await statusOf(voices, { headers: { 'x-sup-api-key': secret } })).toBe(200);
    await page.reload();
    await page.getByText('just now').waitFor();
    await revoke(page, secret.slice(0, 4));
    expect(await statusOf(voices, { headers: { 'x-sup-api-key': secret } })).toBe(401);
    await page.getByText('2 of 3 keys').waitFor();
    expect(await page.getByRole('button', { name: 'Create new key' }).isDisabled()).toBe(false);
  });
});

/** A member sees too few keys to know the count. The page then says it with the product's own word. */
async function isRefusedToMember(run: ConsoleRun): Promise<void> {
  const { page, problems } = await run.visitAs('member');
  await page.getByRole('button', { name: 'Create new key' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Create new key' }).click();
  await page.getByText('This account has its 3 active keys. Revoke one of yours, or ask').waitFor();
  expect(problems.splice(0)).toEqual([expect.stringContaining('409')]);
}

describeInBrowser('socialcrm', () => {
  const run = useConsole('socialcrm');

  test('a description and an expiration date are optional, and Revoke is on the active key', async () => {
    const { page } = await run.visitAs('owner');
    await openSection(page, ['Settings', 'API Keys']);
    await page.getByRole('button', { name: 'Create API Key' }).click();
    expect(await page.getByLabel('90 days').isChecked()).toBe(true);
    await page.getByLabel('Description').fill('for the newsletter');
    await page.getByLabel('A date').check();
    await page.getByLabel('Expiration date').fill('2099-01-31');
    await page.getByRole('dialog').getByRole('button', { name: 'Create API Key' }).click();
    const secret = await takeSecret(page);
    expect(secret).toMatch(/^sk_live_\w{32}$/);
    expect((await callMcp(run, '/api/mcp-app', secret, { method: 'tools/list' })).status).toBe(200);
    await page.reload();
    await page.getByText('just now').waitFor();
    await revoke(page, secret.slice(0, 16));
    expect((await callMcp(run, '/api/mcp-app', secret, { method: 'tools/list' })).status).toBe(401);
  });
});

describeInBrowser('sophic', () => {
  const run = useConsole('sophic');

  test('a workspace key reads, and a personal access token with a workspace and a ceiling captures', async () => {
    const { page } = await run.visitAs('owner');
    await openSection(page, ['Settings', 'Developer']);
    await page.getByRole('button', { name: 'Create a new API key' }).click();
    await page.getByLabel('Name').fill('docs');
    await page.getByRole('checkbox', { name: 'read' }).check();
    await page.getByText('Only a personal access token can hold it.').waitFor();
    expect(await page.getByRole('checkbox', { name: 'capture' }).count()).toBe(0);
    await page.getByRole('dialog').getByRole('button', { name: 'Create a new API key' }).click();
    const key = await takeSecret(page);
    const documents = `${run.product.apiUrl}/api/v1/documents`;
    expect(await statusOf(documents, { headers: bearer(key) })).toBe(200);

    await page.getByRole('link', { name: 'Personal access tokens' }).click();
    await page.getByRole('button', { name: 'Create a token' }).click();
    await page.getByLabel('Name').fill('capture from my laptop');
    await page.getByLabel('Choose').check();
    await page.getByRole('checkbox', { name: 'capture' }).check();
    await page.getByLabel('Only these').check();
    await page.getByLabel('Member').check();
    await page.getByRole('button', { name: 'Create token' }).click();
    const token = await takeSecret(page);
    const capture = (secret: string) =>
      send(`${run.product.apiUrl}/api/ingest/cli`, {
        credential: secret,
        headers: { 'x-sophic-workspace': 'acme' },
        body: { title: 'A note', content: 'Something' },
      });
    expect((await capture(token)).status).toBeLessThan(300);
    expect((await capture(key)).status).toBe(403);
    await row(page, 'capture from my laptop').getByText('Member').waitFor();
    await row(page, 'capture from my laptop').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke token' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect((await capture(token)).status).toBe(401);
  });
});
