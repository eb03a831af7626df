import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { parseProfileArgument } from './commands/arguments.ts';
import { PORT_COUNT } from './start-options.ts';

/** `npm run settings-demo`: a product on this machine, and a page of its settings that shows the keys inside. */
const command = new Command('npm run settings-demo --')
  .description('Runs a product, and a page of its settings with the keys inside, until Ctrl-C.')
  .option(
    '--profile <name>',
    'standard, supersonic, supertone, socialcrm or sophic',
    parseProfileArgument,
    'standard',
  )
  .option('--port <port>', 'the first of four ports; the page has the last', '4000')
  .parse();
const { profile, port } = command.opts<{ profile: string; port: string }>();
const pagePort = Number(port) + PORT_COUNT;
const address = `http://127.0.0.1:${pagePort}`;

const options = ['--profile', profile, '--port', port, '--console-frame-origins', address, '--json'];
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
    PORT: String(pagePort),
  },
});
process.once('exit', () => page.kill());
page.once('exit', () => product.kill('SIGTERM'));
page.once('message', () => console.log(address));
