import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';

/** `npm run screenshots`: pictures of the console of each product, for the README and the pages about it. */

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, 'docs/images/console');
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
  { width: 2560, height: 1300 },
] as const;
const THEMES = ['light', 'dark'] as const;

interface Running {
  readonly management_url: string;
  readonly management_key: string;
  readonly console_url: string;
  readonly users: { readonly owner: string; readonly member: string };
}

interface Product {
  readonly profile: string;
  readonly createLabel: string;
  readonly scopes: readonly (readonly string[])[] | undefined;
}

const PRODUCTS: readonly Product[] = [
  {
    profile: 'standard',
    createLabel: 'Create key',
    scopes: [['read:all'], ['read:all', 'write:all'], ['admin']],
  },
  { profile: 'supersonic', createLabel: 'Create Key', scopes: [['records', 'notes'], []] },
  { profile: 'supertone', createLabel: 'Create new key', scopes: undefined },
  { profile: 'socialcrm', createLabel: 'Create API Key', scopes: undefined },
  { profile: 'sophic', createLabel: 'Create a new API key', scopes: [['read'], ['admin']] },
];
const NAMES = [
  'production-backend',
  'ci-pipeline',
  'local-dev',
  'A name that somebody wrote without looking at how long it becomes',
];

mkdirSync(FOLDER, { recursive: true });
const browser = await launchChromium();
for (const product of PRODUCTS) await photograph(browser, product);
await browser.close();

async function photograph(opened: Browser, product: Product): Promise<void> {
  const start = [
    '-r',
    './bin/node-version.cjs',
    'bin/local.ts',
    '--profile',
    product.profile,
    '--port',
    '0',
    '--json',
  ];
  const server = spawn(process.execPath, start, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
    const running = JSON.parse(line) as Running;
    await fill(running, product);
    if (product.profile === 'standard')
      for (const size of SIZES)
        for (const theme of THEMES) await look(opened, { running, product, size, theme });
    else await look(opened, { running, product, size: SIZES[1], theme: 'light' });
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
}

/** Makes some keys, so that the list shows what it can show. */
async function fill({ management_url, management_key, users }: Running, { profile, scopes }: Product) {
  const DAY = 86_400_000;
  const count = profile === 'supertone' ? 2 : NAMES.length;
  for (const [index, name] of NAMES.slice(0, count).entries()) {
    const body = {
      name,
      created_by: index === 2 ? users.member : users.owner,
      ...(scopes && { scopes: index === 2 ? scopes[0] : scopes[index % scopes.length] }),
      ...(index === 1 && { expires_at: new Date(Date.now() + 9 * DAY).toISOString() }),
    };
    const answer = await fetch(`${management_url}/v1/workspaces/acme/keys`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${management_key}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${profile} took no key: ${await answer.text()}`);
  }
}

interface Look {
  readonly running: Running;
  readonly product: Product;
  readonly size: (typeof SIZES)[number];
  readonly theme: (typeof THEMES)[number];
}

async function look(opened: Browser, { running, product, size, theme }: Look): Promise<void> {
  const context = await opened.newContext({ viewport: size, colorScheme: theme, reducedMotion: 'reduce' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const shoot = (view: string) => save(page, `${product.profile}-${view}-${size.width}-${theme}`);
  await page.goto(running.console_url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /^Owner/i }).click();
  await page.getByRole('table').waitFor();
  await shoot('keys');
  if (product.profile === 'standard') {
    await page.getByRole('button', { name: product.createLabel }).click();
    await page.getByLabel('Name').fill('ci-pipeline');
    await page.getByLabel('Choose').check();
    await page.getByRole('checkbox', { name: 'read:all' }).check();
    await shoot('create');
  }
  await context.close();
}

async function save(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
