import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createKey, describeInBrowser, takeSecret, useConsole, type Visitor } from './visitor.ts';

const NASTY = '<img src=x onerror=alert(1)>';

/** Creates a key, and stops at the dialog that shows its secret. */
async function create(page: Page, name: string): Promise<void> {
  await createKey(page, name);
  await waitForSecret(page);
}

/** The dialog has the focus, and asks before it closes, as soon as the masked secret is in it, which is a moment after it is drawn. */
async function waitForSecret(page: Page): Promise<void> {
  await page.getByRole('dialog', { name: 'Copy the key' }).getByText('•').waitFor();
}

const question = (page: Page) => page.getByRole('alertdialog', { name: 'Close without the key?' });

async function stay(page: Page): Promise<void> {
  await question(page).getByRole('button', { name: 'Back to the key' }).click();
  await waitForSecret(page);
}

/** Every string that the page's scripts still hold. */
async function readHeap({ page, context }: Visitor): Promise<string> {
  const session = await context.newCDPSession(page);
  const parts: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => parts.push(chunk));
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return parts.join('');
}

describeInBrowser('the secret is shown once', () => {
  const run = useConsole('standard');

  test('Escape, a click outside, the cross, Done and a step back ask first, until it was copied', async () => {
    const { page } = await run.visitAs('owner');
    await create(page, 'asked');
    const leaves = [
      () => page.keyboard.press('Escape'),
      () => page.mouse.click(5, 5),
      () => page.getByRole('button', { name: 'Close', exact: true }).click(),
      () => page.getByRole('button', { name: 'Done' }).click(),
      () => page.goBack().then(() => undefined),
    ];
    for (const leave of leaves) {
      await leave();
      await question(page).waitFor();
      await stay(page);
    }
    await page.keyboard.press('Escape');
    await question(page).getByRole('button', { name: 'Copy and close' }).click();
    await question(page).waitFor({ state: 'detached' });
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toMatch(/^kw_live_\w{36}$/);
  });

  test('a reload and closing the tab ask first, until it was copied', async () => {
    const { page } = await run.visitAs('owner');
    await create(page, 'reloaded');
    for (const leave of [
      () => page.evaluate('location.reload()'),
      () => page.close({ runBeforeUnload: true }),
    ]) {
      const asked = page.waitForEvent('dialog');
      void leave().catch(() => undefined);
      const dialog = await asked;
      expect(dialog.type()).toBe('beforeunload');
      await dialog.dismiss();
      await waitForSecret(page);
    }
    await takeSecret(page);
  });

  test('it is masked until somebody wants to see it, and afterwards nothing in the page holds it', async () => {
    const visitor = await run.visitAs('owner');
    const { page } = visitor;
    await create(page, 'forgotten');
    const box = page.getByTestId('secret');
    expect(await box.textContent()).toMatch(/^kw_live_\w{4}•+$/);
    await page.getByRole('button', { name: 'Show the key' }).click();
    await page.getByRole('button', { name: 'Hide the key' }).waitFor();
    const shown = await box.textContent();
    const secret = await takeSecret(page);
    expect(shown).toBe(secret);
    await page.evaluate("navigator.clipboard.writeText('')");
    expect(await page.content()).not.toContain(secret);
    expect(page.url()).not.toContain(secret);
    expect(
      await page.evaluate<string>('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])'),
    ).not.toContain(secret);
    const heap = await readHeap(visitor);
    expect(heap).toContain('kw_live_');
    expect(heap).not.toContain(secret);
  });

  test('a name is text, and never HTML', async () => {
    const { page } = await run.visitAs('owner');
    let isAlerted = false;
    page.on('dialog', async (dialog) => {
      isAlerted = true;
      await dialog.dismiss();
    });
    await create(page, NASTY);
    await takeSecret(page);
    await page.getByRole('link', { name: NASTY }).click();
    await page.getByRole('heading', { name: NASTY }).waitFor();
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByText(`You created the key ${NASTY}.`).waitFor();
    expect(isAlerted).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
  });
});
