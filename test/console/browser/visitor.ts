import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core';
import { startPatientProduct, type TestProduct } from '../../product.ts';
import { findChromium, launchChromium } from './chromium.ts';

/** Somebody who uses the console in a browser of their own. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors on the browser's console, and of scripts. A test that expects one takes it out of the list. */
  readonly problems: string[];
  /** From now on problems fail no test: the test itself makes some, and cannot know when the last one is told. */
  forgive(): void;
  /**
   * Waits until the page has shown all that it asked for, and asks for nothing more. A view calls the API several times while it
   * is shown, and a test that lets calls fail would otherwise meet one of those first.
   */
  settle(): Promise<void>;
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

/**
 * How long a page may take to show something. The functions of a product that has just started are slow at first, and two busy
 * cores make that ten times slower. A test that fails for good waits as long.
 */
export const PATIENCE_MS = 90_000;

/** Runs one product and one browser for a suite. A test fails when the browser has reported an error or a policy violation. */
export function useConsole(profile: string): ConsoleRun {
  let product: TestProduct | undefined;
  let browser: Browser | undefined;
  let visitors: Visitor[] = [];
  const forgiven = new Set<string[]>();
  beforeAll(async () => {
    [product, browser] = await Promise.all([startPatientProduct(profile), launchChromium()]);
  });
  afterEach(async () => {
    const told = visitors.map(({ problems }) => problems).filter((problems) => !forgiven.has(problems));
    const problems = told.flat();
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
      const viewport = { width: 1280, height: 900 };
      // Nothing is on its way while a test measures where it is.
      const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options });
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const problems: string[] = [];
      const forgive = () => {
        forgiven.add(problems);
      };
      const visitor: Visitor = { page, context, problems, forgive, settle: settling(page) };
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

const IDLE = 'new Promise((resolve) => requestIdleCallback(() => requestIdleCallback(resolve)))';

/** @returns what waits for the requests of a page, as of those of all others of its context. */
function settling(page: Page): () => Promise<void> {
  const underWay = new Set<Request>();
  const context = page.context();
  context.on('request', (request) => underWay.add(request));
  context.on('requestfinished', (request) => underWay.delete(request));
  context.on('requestfailed', (request) => underWay.delete(request));
  return async () => {
    for (;;) {
      // Every script of the page has had its turn, so one that asks for more after an answer has asked.
      await Promise.all(page.frames().map((frame) => frame.evaluate(IDLE)));
      const [request] = underWay;
      if (request === undefined) return;
      const ended = request.response().then((response) => response?.finished());
      await ended.catch(() => undefined);
    }
  };
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
  await copySecret(page, () => page.getByRole('button', { name: /^Copy (key|token)$/ }).click());
  const secret = await page.evaluate<string>('navigator.clipboard.readText()');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  return secret;
}

/** Copies the secret by a press. The button says so for four seconds, so the look for that begins before the press. */
export async function copySecret(page: Page, press: () => Promise<void>): Promise<void> {
  await Promise.all([page.getByRole('button', { name: 'Copied' }).waitFor(), press()]);
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
