import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../bin/processes.ts';
import { send } from '../product.ts';
import { substituteIn } from './assembly.ts';
import { canEmulate, type EmulatedAccount, startAccount } from './emulated-account.ts';
import { MINISTACK_VERSION } from './emulator.ts';

const run = promisify(execFile);
const describeDeployment = canEmulate("APIs of one's own") ? describe : describe.skip;

describeDeployment(`an app of a customer in MiniStack ${MINISTACK_VERSION}`, () => {
  let account: EmulatedAccount;
  let assembly: string;
  let outputs: Readonly<Record<string, string>>;
  let key: { readonly id: string; readonly secret: string };

  beforeAll(async () => {
    account = await startAccount();
    await deploy('open');
  });
  afterAll(() => account?.stop());

  async function deploy(state: 'open' | 'guarded'): Promise<void> {
    await run(process.execPath, [
      join(import.meta.dirname, 'own-apis-app.ts'),
      join(account.folder, state),
      state,
    ]);
    assembly = join(account.folder, `${state}-deployed`);
    substituteIn(join(account.folder, state), assembly);
    outputs = (await account.cdk.deploy(assembly)).Customer ?? {};
  }

  const url = (output: string) => account.emulator.localUrl(outputs[output] ?? '');

  async function call(output: string, method: 'GET' | 'POST', credential?: string): Promise<number> {
    const headers = credential === undefined ? {} : { Authorization: `Bearer ${credential}` };
    return (await fetch(`${url(output)}/users`, { method, headers })).status;
  }

  /** By the command line and the deployed API. */
  async function issue() {
    const tables = ['Records', 'Secrets', 'Events', 'ManagementKeys'].map(
      (table) => outputs[`Keys${table}Table`],
    );
    const bootstrap = ['bootstrap', '--workspace', 'acme', '--owner', 'usr_owner'];
    const command = [...bootstrap, '--tables', tables.join(',')];
    const { stdout } = await run(process.execPath, [join(ROOT, 'bin/keyward.mjs'), ...command], {
      cwd: ROOT,
      env: account.emulator.environment,
    });
    const credential: string = JSON.parse(stdout).management_key;
    const keys = `${url('KeysManagementUrl')}/v1/workspaces/acme/keys`;
    const { body } = await send(keys, {
      credential,
      body: { name: 'reader', scopes: ['read:all'], created_by: 'usr_owner' },
    });
    const revoke = () => send(`${keys}/${body.key.id}/revoke`, { credential, body: {} });
    return { key: { id: body.key.id, secret: body.secret }, revoke };
  }

  test('the APIs that exist let everybody in, and close in place when Keyward joins their stack', async () => {
    const [rest, http] = [outputs.RestUrl, outputs.HttpUrl];
    expect([await call('RestUrl', 'GET'), await call('HttpUrl', 'GET')]).toEqual([200, 200]);
    await deploy('guarded');
    expect([outputs.RestUrl, outputs.HttpUrl]).toEqual([rest, http]);
    expect([await call('RestUrl', 'GET'), await call('HttpUrl', 'GET')]).toEqual([401, 401]);
  });

  const GUARDED = ['RestUrl', 'HttpUrl', 'AloneHttpUrl', 'AloneUrl'];
  let revoke: () => Promise<unknown>;

  test.each(GUARDED)(
    '%s answers 200 to a key, 403 beyond what the key may do, and 401 without one',
    async (output) => {
      if (key === undefined) ({ key, revoke } = await issue());
      expect(await call(output, 'GET', key.secret)).toBe(200);
      expect(await call(output, 'POST', key.secret)).toBe(403);
      expect(await call(output, 'GET')).toBe(401);
    },
  );

  test('all of them refuse a revoked key on the very next request', async () => {
    await revoke();
    const [rest, http, ...alone] = await Promise.all(
      GUARDED.map((output) => call(output, 'GET', key.secret)),
    );
    expect([rest, ...alone]).toEqual([401, 401, 401]);
    // To the authorizer's error `Unauthorized`, MiniStack answers 500, and AWS, as decision 0044 says, 401.
    expect([401, 500]).toContain(http);
  });
});
