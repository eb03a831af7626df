import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { LOOKS } from '../../../examples/settings/products.ts';
import { portObstacle } from '../../../local/listening.ts';
import { launchChromium } from './chromium.ts';
import { describeInBrowser, watch } from './visitor.ts';

const ROOT = join(import.meta.dirname, '../../..');
const BUTTONS: Readonly<Record<string, string>> = {
  standard: 'Create key',
  supersonic: 'Create Key',
  supertone: 'Create new key',
  socialcrm: 'Create API Key',
  sophic: 'Create a new API key',
};

/** The first of four ports that are free. */
async function findPorts(): Promise<number> {
  for (let first = 5200; first < 6200; first += 10) {
    const obstacles = await Promise.all([0, 1, 2, 3].map((index) => portObstacle(first + index)));
    if (obstacles.every((obstacle) => obstacle === undefined)) return first;
  }
  throw new Error('No four ports are free.');
}

describeInBrowser('the settings of a product, in one command', () => {
  test.each(Object.keys(LOOKS))(
    '%s shows the keys among its own settings, in its own look, and after a link that was used offers a new one',
    async (profile) => {
      const port = await findPorts();
      const demo = spawn(
        process.execPath,
        [join(ROOT, 'bin/settings-demo.ts'), '--profile', profile, '--port', `${port}`],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const browser = await launchChromium();
      try {
        const [address] = (await once(createInterface(demo.stdout), 'line')) as [string];
        const page = await browser.newPage();
        // The functions of a product that has just started are slow at first.
        page.setDefaultTimeout(90_000);
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
        expect(await again.isVisible()).toBe(false);
      } finally {
        await browser.close();
        demo.kill('SIGTERM');
        await once(demo, 'exit');
      }
    },
  );
});
