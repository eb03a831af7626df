import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import type { BrowserContext } from 'playwright-core';
import { send } from '../../product.ts';
import { describeInBrowser, useConsole } from './visitor.ts';

const HOST = 'http://127.0.0.1:9';

/** The script that a product's own front end would bundle. */
function bundleElement(): string {
  const source = join(import.meta.dirname, '../../../console/element/keyward-keys.ts');
  const contents = `import { defineKeywardKeys } from ${JSON.stringify(source)};
    defineKeywardKeys();
    for (const name of ['ended', 'failed'])
      addEventListener('keyward-session-' + name, () => { document.title += ' ' + name; });`;
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

describeInBrowser('the keys inside the settings of a product', () => {
  const run = useConsole('standard');

  /** A page of the product, which the deployment lets frame the console, as `console-frame-origins` would. */
  async function serveSettings(context: BrowserContext): Promise<void> {
    const { managementUrl, managementKey, users, consoleUrl } = run.product;
    const body = { user_id: users.owner, workspace: 'acme' };
    const { url } = (await send(`${managementUrl}/v1/sessions`, { credential: managementKey, body })).body;
    const html = `<!doctype html><title>Settings</title><h1>Settings</h1>
      <style>keyward-keys { --keyward-accent: #b45309; --keyward-font: Georgia, serif }</style>
      <keyward-keys session="${consoleUrl}${new URL(url).hash}"></keyward-keys><script src="/element.js"></script>`;
    await context.route(`${HOST}/settings`, (route) =>
      route.fulfill({ contentType: 'text/html', body: html }),
    );
    await context.route(`${HOST}/element.js`, (route) =>
      route.fulfill({ contentType: 'text/javascript', body: bundleElement() }),
    );
    await context.route(/\/console\/\?embedded/, async (route) => {
      const response = await route.fetch();
      const { 'x-frame-options': _, ...headers } = response.headers();
      const policy = headers['content-security-policy']?.replace(
        "frame-ancestors 'none'",
        `frame-ancestors ${HOST}`,
      );
      await route.fulfill({ response, headers: { ...headers, 'content-security-policy': policy ?? '' } });
    });
  }

  test('the element shows the keys alone in the colours of the product, and the page around it sees no secret', async () => {
    const { page, context } = await run.visit();
    await serveSettings(context);
    await page.goto(`${HOST}/settings`);
    const frame = page.frameLocator('keyward-keys iframe');
    await frame.getByRole('button', { name: 'Create key' }).first().click();
    expect(await frame.getByRole('navigation').count()).toBe(0);
    await frame.getByLabel('Name').fill('embedded');
    await frame.getByLabel('Read only').check();
    await frame.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await frame.getByRole('button', { name: 'Show the key' }).click();
    const secret = (await frame.getByTestId('secret').textContent()) ?? '';
    expect(secret).toMatch(/^kw_live_\w{36}$/);
    expect(await page.content()).not.toContain(secret);
    const style = await frame.locator('html').getAttribute('style');
    expect(style).toContain('--font: Georgia, serif;');
    expect(style).toContain('--accent-solid-light: #b45309;');
    await frame.getByRole('button', { name: 'Copy key' }).click();
    await frame.getByRole('button', { name: 'Done' }).click();
    await frame.getByRole('link', { name: 'embedded' }).waitFor();
  });

  test('a dialog that the last row of a long list opens is inside the window', async () => {
    const { managementUrl, managementKey, users } = run.product;
    for (let index = 0; index < 30; index++) {
      const body = { name: `long-${index}`, created_by: users.owner, scopes: ['read:all'] };
      await send(`${managementUrl}/v1/workspaces/acme/keys`, { credential: managementKey, body });
    }
    const { page, context } = await run.visit();
    await serveSettings(context);
    await page.goto(`${HOST}/settings`);
    const frame = page.frameLocator('keyward-keys iframe');
    const last = frame.getByRole('row').filter({ hasText: 'long-0' });
    await last.getByRole('button', { name: 'Revoke' }).click();
    const box = await frame.getByRole('alertdialog').boundingBox();
    const { y = -1, height = 0 } = box ?? {};
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y + height).toBeLessThanOrEqual(900);
    // In a small window the page around it moves the frame into sight.
    await frame.getByRole('button', { name: 'Cancel' }).click();
    await page.setViewportSize({ width: 360, height: 600 });
    await page.evaluate('scrollTo(0, 0)');
    await frame.getByRole('button', { name: 'Create key' }).first().click();
    await page.waitForFunction('scrollY > 0');
    const form = await frame.getByRole('dialog').boundingBox();
    expect((form?.y ?? 600) + (form?.height ?? 0)).toBeLessThanOrEqual(600);
  });

  test('a session that worked ends with one event, and a link that was used fails with the other', async () => {
    const { page, context, forgive } = await run.visit();
    await serveSettings(context);
    await page.goto(`${HOST}/settings`);
    const frame = page.frameLocator('keyward-keys iframe');
    await frame.getByRole('button', { name: 'Create key' }).first().waitFor();
    expect(await page.title()).toBe('Settings');
    forgive();
    // Only the call that this test makes itself: the page may still be reading its list, and would end too early.
    await context.route(/\/v1\/workspaces\/acme\/keys/, (route) =>
      route.request().method() === 'POST' ? route.fulfill({ status: 401 }) : route.fallback(),
    );
    await frame.getByRole('button', { name: 'Create key' }).first().click();
    await frame.getByLabel('Name').fill('late');
    await frame.getByLabel('Read only').check();
    await frame.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await page.waitForFunction(`document.title !== 'Settings'`);
    expect(await page.title()).toBe('Settings ended');
    await page.goto('about:blank');
    await page.goto(`${HOST}/settings`);
    await frame.getByText('This link has been used or is too old.').waitFor();
    await page.waitForFunction(`document.title !== 'Settings'`);
    expect(await page.title()).toBe('Settings failed');
  });

  test('the way back from a link that does not work leads the whole window there, and not the frame', async () => {
    const { page, context, forgive } = await run.visit();
    forgive();
    await serveSettings(context);
    await context.route(/\/config\.json/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), return_url: `${HOST}/home` } });
    });
    await context.route(`${HOST}/home`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>Home</title>' }),
    );
    await page.goto(`${HOST}/settings`);
    const address = JSON.stringify(`${run.product.consoleUrl}#session=kwl_none`);
    await page.evaluate(`document.querySelector('keyward-keys').setAttribute('session', ${address})`);
    await page.frameLocator('keyward-keys iframe').getByRole('link', { name: 'Back to' }).click();
    await page.waitForURL(`${HOST}/home`);
  });

  test('a browser that lets a frame store nothing shows the keys all the same', async () => {
    const { page, context } = await run.visit();
    await context.addInitScript(
      `Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('Denied', 'SecurityError'); } });`,
    );
    await serveSettings(context);
    await page.goto(`${HOST}/settings`);
    const frame = page.frameLocator('keyward-keys iframe');
    await frame.getByRole('button', { name: 'Create key' }).first().waitFor();
  });

  test('a session that is not the address of a page is not framed: no script of it runs in the page of the product', async () => {
    const { page, context } = await run.visit();
    await serveSettings(context);
    await page.goto(`${HOST}/settings`);
    await page.locator('keyward-keys iframe').waitFor();
    for (const address of [
      'javascript:parent.document.title = "run"',
      'data:text/html,<p>hello',
      'nothing',
    ]) {
      const value = JSON.stringify(address);
      await page.evaluate(`document.querySelector('keyward-keys').setAttribute('session', ${value})`);
      expect(await page.locator('keyward-keys iframe').count()).toBe(0);
    }
    expect(await page.title()).toBe('Settings');
  });

  test('without the setting no page frames the console', async () => {
    const { page, context, forgive } = await run.visit();
    forgive();
    await context.route(`${HOST}/settings`, (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${run.product.consoleUrl}"></iframe>` }),
    );
    const refused = page.waitForEvent('framenavigated', (frame) => frame.url().startsWith('chrome-error:'));
    await page.goto(`${HOST}/settings`);
    await refused;
  });
});
