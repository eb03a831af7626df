import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { LOOKS } from '../../../examples/settings/products.ts';
import { findPorts } from '../../../local/listening.ts';
import { launchChromium } from './chromium.ts';
import { describeInBrowser, PATIENCE_MS, watch } from './visitor.ts';

const ROOT = join(import.meta.dirname, '../../..');
const BUTTONS: Readonly<Record<string, string>> = {
  standard: 'Create key',
  supersonic: 'Create Key',
  supertone: 'Create new key',
  socialcrm: 'Create API Key',
  sophic: 'Create a new API key',
};

describeInBrowser('the settings of a product, in one command', () => {
  test.each(Object.keys(LOOKS))(
    '%s shows the keys among its own settings, in its own look, and after a link that was used offers a new one',
    async (profile) => {
      const port = await findPorts(4);
      const demo = spawn(
        process.execPath,
        [join(ROOT, 'bin/settings-demo.ts'), '--profile', profile, '--port', `${port}`],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      let complaint = '';
      demo.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaint += text;
      });
      const browser = await launchChromium();
      try {
        const address = await new Promise<string>((resolve, reject) => {
          createInterface(demo.stdout).once('line', resolve);
          demo.once('close', () => reject(new Error(`The demo has ended: ${complaint}`)));
        });
        const page = await browser.newPage();
        page.setDefaultTimeout(PATIENCE_MS);
        const problems: string[] = [];
        watch(page, problems);
        await page.goto(address);
        const look = LOOKS[profile];
        await page
          .getByRole('navigation')
          .getByText(look?.section ?? '', { exact: true })
          .waitFor();
        const frame = page.frameLocator('keyward-keys iframe');
        await frame.getByRole('heading', { name: 'No keys yet' }).waitFor();
        await frame.getByRole('button', { name: BUTTONS[profile] ?? '' }).click();
        await frame.getByRole('dialog').waitFor();
        const style = await frame.locator('html').getAttribute('style');
        expect(style).toContain(`--font: ${look?.font};`);
        expect(style).toContain('color-scheme: light;');
        expect(problems).toEqual([]);

        // A link works once: with the same one again, the page offers a new one and does not fetch links for ever.
        const used = (await page.locator('keyward-keys').getAttribute('session')) ?? '';
        const asked: string[] = [];
        await page.route('**/session', (route) => {
          asked.push(route.request().url());
          return route.fulfill({ body: used });
        });
        await page.goto('about:blank');
        await page.goto(address);
        const again = page.getByRole('button', { name: 'Open the keys again' });
        await again.waitFor();
        expect(asked).toHaveLength(1);
        await page.unroute('**/session');
        await again.click();
        await frame.getByRole('heading', { name: 'No keys yet' }).waitFor();
        await again.waitFor({ state: 'hidden' });
      } finally {
        await browser.close();
        demo.kill('SIGTERM');
        if (demo.exitCode === null && demo.signalCode === null) await once(demo, 'exit');
      }
    },
  );
});
