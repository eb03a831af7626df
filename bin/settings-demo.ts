import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Command, InvalidArgumentError, Option } from 'commander';
import { LOOKS } from '../examples/settings/products.ts';
import { LAST_FIRST_PORT, PORT_COUNT } from './start-options.ts';

/** `npm run settings-demo`: a product on this machine, and a page of its settings that shows the keys inside. */
const command = new Command('npm run settings-demo --')
  .description('Runs a product, and a page of its settings with the keys inside, until Ctrl-C.')
  .addOption(new Option('--profile <name>', 'the product').choices(Object.keys(LOOKS)).default('standard'))
  .option('--port <port>', 'the first of four ports; the page has the last', readPort, 4000)
  .parse();
const { profile, port } = command.opts<{ profile: string; port: number }>();
const pagePort = port + PORT_COUNT;
const address = `http://127.0.0.1:${pagePort}`;

const options = ['--profile', profile, '--port', `${port}`, '--console-frame-origins', address, '--json'];
const product = spawn(process.execPath, [join(import.meta.dirname, 'local.ts'), ...options], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
// A signal from the terminal reaches the product as well; one from elsewhere reaches this process alone.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => product.kill('SIGTERM'));
product.once('exit', (code) => process.exit(code ?? 0));

const [line] = (await once(createInterface(product.stdout), 'line')) as [string];
const ready = JSON.parse(line);
const page = fork(join(import.meta.dirname, '../examples/settings/serve.ts'), {
  env: {
    ...process.env,
    MANAGEMENT_URL: ready.management_url,
    MANAGEMENT_KEY: ready.management_key,
    PROFILE: profile,
    WORKSPACE: ready.workspace,
    USER_ID: ready.users.owner,
    USER_NAME: 'Ada',
    PORT: String(pagePort),
  },
});
process.once('exit', () => page.kill());
page.once('exit', () => product.kill('SIGTERM'));
page.once('message', () => console.log(address));

/** Links have the port in them, so it has to be known before the start. */
function readPort(text: string): number {
  const value = Number(text);
  if (/^[1-9]\d{0,4}$/.test(text) && value < LAST_FIRST_PORT) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${LAST_FIRST_PORT - 1}.`);
}
