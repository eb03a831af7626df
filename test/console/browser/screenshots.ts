import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import {
  endNewest,
  type PhotographedProduct,
  PRODUCTS,
  type Running,
  runProduct,
} from './photographed-products.ts';

/**
 * `npm run screenshots`: pictures of every view of the console, to look at, in `.keyward/screenshots`. Those that the README
 * and the docs show are copied to `docs/images/console`.
 */

const ROOT = join(import.meta.dirname, '../../..');
const PICTURES = join(ROOT, '.keyward/screenshots');
const SHOWN = join(ROOT, 'docs/images/console');
const SHOWN_NAMES = [
  'standard-keys-1280-light',
  'standard-keys-1280-dark',
  'standard-secret-1280-light',
  'standard-secret-1280-dark',
  'supersonic-create-1280-light',
  'sophic-tokens-1280-light',
];
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
  { width: 2560, height: 1300 },
] as const;
const THEMES = ['light', 'dark'] as const;

interface Look {
  readonly running: Running;
  readonly product: PhotographedProduct;
  readonly size: (typeof SIZES)[number];
  readonly theme: (typeof THEMES)[number];
}

rmSync(PICTURES, { recursive: true, force: true });
mkdirSync(PICTURES, { recursive: true });
mkdirSync(SHOWN, { recursive: true });
const only = process.argv[2];
const browser = await launchChromium();
for (const product of PRODUCTS) if (only === undefined || product.profile === only) await photograph(product);
await browser.close();
if (only === undefined)
  for (const name of SHOWN_NAMES) copyFileSync(join(PICTURES, `${name}.png`), join(SHOWN, `${name}.png`));

async function photograph(product: PhotographedProduct): Promise<void> {
  const { running, stop } = await runProduct(product);
  try {
    const sizes = product.profile === 'standard' ? SIZES : [SIZES[1]];
    const looks = sizes.flatMap((size) => THEMES.map((theme) => ({ running, product, size, theme })));
    // The first walk makes keys, so the lists come before it.
    for (const one of looks) await look(browser, one, walkToList);
    for (const one of looks) await look(browser, one, walkOn);
  } finally {
    await stop();
  }
}

interface Walk extends Look {
  readonly page: Page;
  readonly shoot: (view: string) => Promise<void>;
  readonly go: (view: string, sign: Locator) => Promise<void>;
}

async function look(opened: Browser, one: Look, walk: (walk: Walk) => Promise<void>): Promise<void> {
  const { running, product, size, theme } = one;
  const context = await opened.newContext({ viewport: size, colorScheme: theme, reducedMotion: 'reduce' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const shoot = async (view: string) => {
    await page.waitForLoadState('networkidle');
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    const name = `${product.profile}-${view}-${size.width}-${theme}.png`;
    await page.screenshot({ path: join(PICTURES, name) });
  };
  const go = async (view: string, sign: Locator) => {
    await page.evaluate(`location.hash = '#/acme/${view}'`);
    await sign.first().waitFor();
  };
  await page.goto(running.console_url);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  if (walk === walkToList) await shoot('sign-in');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /^Owner/i }).click();
  await page.getByRole('table').waitFor();
  await walk({ ...one, page, shoot, go });
  await context.close();
}

async function walkToList({ shoot }: Walk): Promise<void> {
  await shoot('keys');
}

async function walkOn(walk: Walk): Promise<void> {
  const { running, product, page, shoot, go } = walk;
  const dialog = page.locator('.dialog');
  await page.getByRole('button', { name: product.createLabel }).click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('local-dev');
  if (product.scopes !== undefined) await pickScopes(dialog, product.scopes[0] ?? []);
  await shoot('create');
  await dialog.getByRole('button', { name: product.createLabel }).click();
  await page.getByRole('button', { name: 'Copy key' }).waitFor();
  await shoot('secret');
  await page.getByRole('button', { name: 'Copy key' }).click();
  await page.getByRole('button', { name: 'Done' }).scrollIntoViewIfNeeded();
  await shoot('first-call');
  await page.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  // The next picture has the keys that this one has, and a product with a limit has room.
  await endNewest(running);
  await page.reload();
  await page.getByRole('table').waitFor();

  await go('members', page.getByRole('heading', { name: 'Members', level: 1 }));
  await shoot('members');
  await go('activity', page.getByRole('heading', { name: 'Activity', level: 1 }));
  await shoot('activity');
  if (product.profile === 'sophic') {
    await go('tokens', page.getByRole('table'));
    await shoot('tokens');
    await page.getByRole('button', { name: 'Create a token' }).click();
    await dialog.waitFor();
    await shoot('create-token');
  }
  if (product.profile === 'standard') await lookClosely(walk);
}

/** The views that every product has alike. */
async function lookClosely({ page, shoot, go }: Walk): Promise<void> {
  const dialog = page.locator('.dialog');
  const row = page.getByRole('row').filter({ hasText: 'production-backend' });
  const close = async () => {
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  const choose = async (item: string) => {
    await row.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: item }).click();
    await dialog.waitFor();
  };
  await go('settings', page.getByRole('heading', { name: 'Settings', level: 1 }));
  await shoot('settings');
  await go('keys', page.getByRole('table'));
  await row.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem').first().waitFor();
  await shoot('menu');
  await page.keyboard.press('Escape');
  await choose('Edit');
  await pickScopes(dialog, ['admin']);
  await shoot('edit');
  await close();
  await choose('Rotate');
  await shoot('rotate');
  await close();
  await row.getByRole('button', { name: 'Revoke' }).click();
  await dialog.waitFor();
  await shoot('revoke');
  await close();
  await page.getByRole('checkbox', { name: 'Select ci-pipeline' }).check();
  await page.getByRole('checkbox', { name: 'Select production-backend' }).check();
  await shoot('selected');
  await page.getByRole('button', { name: 'Revoke selected' }).click();
  await dialog.waitFor();
  await shoot('bulk');
  await close();
  await go('keys?q=nothing-like-this', page.getByText('No key matches.'));
  await shoot('no-match');
  await go('keys', page.getByRole('table'));
  await page.getByRole('link', { name: 'production-backend' }).click();
  await page.getByText('Key id').waitFor();
  await shoot('key');
  const menu = page.getByRole('button', { name: 'Open the menu' });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole('button', { name: /^Switch workspace/ }).click();
  await page.getByRole('menuitemradio').first().waitFor();
  await shoot('switcher');
  await page.keyboard.press('Escape');
  await page.evaluate("location.hash = '#/quiet/keys'");
  await page.getByText('No keys yet').waitFor();
  await shoot('empty');
}

async function pickScopes(dialog: Locator, scopes: readonly string[]): Promise<void> {
  const choose = dialog.getByLabel('Choose');
  if ((await choose.count()) > 0) await choose.check();
  for (const scope of scopes) await dialog.getByRole('checkbox', { name: scope }).check();
}
