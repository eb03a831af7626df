import { hash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectCommandLine } from '../../bin/connections/local-connection.ts';
import { generateKey } from '../../core/credential/key-text.ts';
import { LOGIN_CALLBACKS } from '../../core/management/sign-in.ts';
import { Browser } from '../browser.ts';
import { startProduct, type TestProduct } from '../product.ts';
import { endOf } from './command-line.ts';
import { run, until } from './processes.ts';

/** A command starts in half a second, and on a machine with other work in many. */
const LONG = 120_000;

/** What the command line does for somebody in their first minutes, run as they run it. */
describe.each([
  ['standard', 'read:all'],
  ['sophic', 'read'],
])('on a running product: %s', (profile, scope) => {
  let product: TestProduct;
  const folder = mkdtempSync(join(tmpdir(), 'keyward-first-'));
  const environment = { PATH: process.env.PATH, HOME: folder, KEYWARD_CONFIG: join(folder, 'config') };
  const keyward = (...args: string[]) => run(process.execPath, ['bin/keyward.mjs', ...args], environment);
  const outputOf = async (...args: string[]) => {
    const { code, stdout, stderr } = await endOf(keyward(...args));
    expect([args, code, stderr]).toEqual([args, 0, expect.any(String)]);
    return stdout;
  };
  /** Verifies with a credential on stdin. */
  const verify = async (secret: string) => {
    const script = 'printf %s "$SECRET" | "$0" bin/keyward.mjs keys verify';
    return endOf(run('sh', ['-c', script, process.execPath], { ...environment, SECRET: secret }));
  };
  beforeAll(async () => {
    product = await startProduct(profile);
    connectCommandLine(product, environment, process.platform);
  });
  afterAll(async () => {
    await product.stop();
    rmSync(folder, { recursive: true });
  });

  test('a key is issued, listed, rotated, verified and revoked, and the events tell of it', async () => {
    const owner = product.users.owner;
    const secret = (
      await outputOf('keys', 'issue', '--created-by', owner, '--name', 'ci', '--scope', scope)
    ).trim();
    const { id } = JSON.parse(await outputOf('keys', 'list', '--json'));
    expect(await verify(secret)).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });
    const rotated = (await outputOf('keys', 'rotate', id, '--overlap', '0')).trim();
    expect(await verify(secret)).toMatchObject({ code: 1 });
    expect(await verify(rotated)).toMatchObject({ code: 0 });
    await outputOf('keys', 'revoke', id, '--yes');
    expect(await verify(rotated)).toMatchObject({ code: 1 });
    const followed = keyward('events', '--follow', '--key', id);
    try {
      for (const type of ['key.issued', 'key.rotated', 'key.revoked'])
        await until(`The event ${type}`, () => followed.stdout().includes(type), LONG);
    } finally {
      followed.child.kill('SIGINT');
    }
    expect(await followed.exit).toBeNull();
    expect(followed.child.signalCode).toBe('SIGINT');
  });

  test('ten keys of another system come in by a file of their hashes, and then work', async () => {
    const { apiKey } = product.profile;
    const texts = Array.from({ length: 10 }, () => generateKey(apiKey.format, randomBytes));
    const rows = texts.map((text, index) => `${hash('sha256', text, 'hex')},old-${index},key ${index}`);
    const path = join(folder, 'keys.csv');
    writeFileSync(path, `hash,external_id,name\n${rows.join('\n')}\n`);
    const given = ['--algorithm', 'sha256', '--encoding', 'hex', '--scopes', scope];
    const args = ['keys', 'import', path, ...given, '--created-by', product.users.owner];
    expect(await outputOf(...args)).toBe('10 rows: 10 imported, 0 there already, 0 skipped.\n');
    expect(await outputOf(...args)).toBe('10 rows: 0 imported, 10 there already, 0 skipped.\n');
    for (const text of texts) expect(await verify(text)).toMatchObject({ code: 0 });
  });

  test('a person signs in through the browser, and out again', async () => {
    const login = keyward('login', product.managementUrl, '--no-browser', '--connection', 'person');
    await until('The address of the page', () => login.stderr().includes('/authorize?'), LONG);
    const [page = ''] = /http:\S+\/authorize\S+/.exec(login.stderr()) ?? [];
    const browser = new Browser();
    const form = await browser.open(page);
    const { location = '' } = Object.fromEntries(
      (await browser.open(form.url, { person: product.users.admin })).headers,
    );
    expect(LOGIN_CALLBACKS).toContain(location.split('?')[0]);
    expect(await (await fetch(location)).text()).toContain('You are signed in.');
    expect(await endOf(login)).toMatchObject({
      code: 0,
      stdout: `You are signed in as ${product.users.admin}, admin of acme. Commands use the connection person.\n`,
    });
    expect(await outputOf('whoami')).toContain(product.users.admin);
    await outputOf('logout');
    // The only connection that is left is the one that commands use then.
    expect(await outputOf('whoami')).not.toContain(product.users.admin);
  });

  test('a reader who has read enough ends a list quietly', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash that reads it.
    const script = '"$0" bin/keyward.mjs events --json --all | head -n 1; echo "${PIPESTATUS[0]}"';
    const { stdout, stderr } = await endOf(run('bash', ['-c', script, process.execPath], environment));
    expect([stdout.split('\n').at(-2), stderr]).toEqual(['0', '']);
  });
});
