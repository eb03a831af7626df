import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { startPatientProduct, type TestProduct } from '../../product.ts';
import { findChromium, launchChromium } from './chromium.ts';

/** Somebody who uses the console in a browser of their own. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors on the browser's console, and of scripts. A test that expects one takes it out of the list. */
  readonly problems: string[];
}

export interface ConsoleRun {
  readonly product: TestProduct;
  /** Opens the console at an address inside it, such as `#/acme/keys`. */
  visit(address?: string, options?: BrowserContextOptions): Promise<Visitor>;
  /** Opens the console and signs in. */
  visitAs(role: Role, address?: string, options?: BrowserContextOptions): Promise<Visitor>;
}

export type Role = 'owner' | 'admin' | 'member';

if (findChromium() === undefined)
  process.stderr.write(
    '\nSKIPPED, the console in a browser: this machine has no Chromium (apt-get install chromium).\n\n',
  );

/** A suite that needs a browser. Without one it is skipped, and the run says so. */
export const describeInBrowser = findChromium() === undefined ? describe.skip : describe;

/** The first product of a run is built and synthesized first. */
const START_MS = 180_000;

/** Runs one product and one browser for a suite. A test fails when the browser has reported an error or a policy violation. */
export function useConsole(profile: string): ConsoleRun {
  let product: TestProduct | undefined;
  let browser: Browser | undefined;
  let visitors: Visitor[] = [];
  beforeAll(async () => {
    [product, browser] = await Promise.all([startPatientProduct(profile), launchChromium()]);
  }, START_MS);
  afterEach(async () => {
    const problems = visitors.flatMap((visitor) => visitor.problems);
    await Promise.all(visitors.map(({ context }) => context.close()));
    visitors = [];
    expect(problems).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });
  const run: ConsoleRun = {
    get product() {
      if (product === undefined) throw new Error('The product has not started.');
      return product;
    },
    async visit(address = '', options = {}) {
      if (browser === undefined) throw new Error('The browser has not started.');
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      const visitor: Visitor = { page, context, problems: [] };
      visitors.push(visitor);
      context.on('page', (opened) => watch(opened, visitor.problems));
      watch(page, visitor.problems);
      await page.goto(`${run.product.consoleUrl}${address}`);
      return visitor;
    },
    async visitAs(role, address, options) {
      const visitor = await run.visit(address, options);
      await signIn(visitor.page, role);
      return visitor;
    },
  };
  return run;
}

/** Signs in on the page of the development issuer. */
export async function signIn(page: Page, role: Role): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: new RegExp(`^${role}`, 'i') }).click();
  // A link may have opened a dialog, which hides the rest from screen readers.
  await page.getByRole('button', { name: 'Sign out', includeHidden: true }).waitFor();
}

/** Creates a key that reads, and stops at the dialog that shows its secret. */
export async function createKey(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Read only').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
}

/** Copies the secret that the page shows, and closes the dialog. */
export async function takeSecret(page: Page): Promise<string> {
  await page.getByRole('button', { name: /^Copy (key|token)$/ }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const secret = await page.evaluate<string>('navigator.clipboard.readText()');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  return secret;
}

/** Writes down what the browser reports of a page, and every answer that tells of a fault: also one after which the page calls again. */
export function watch(page: Page, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(`${error.stack}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 500)
      problems.push(`${response.request().method()} ${response.url()} answered ${response.status()}.`);
  });
}
