import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { welcome } from '../../bin/welcome.ts';
import { send, startProduct, type TestProduct } from '../product.ts';
import { ROOT } from './processes.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

/** The curl commands of a text, each with the lines that it goes on in. */
const commandsIn = (text: string) =>
  [...text.matchAll(/^ *(curl (?:.*\\\n)*.*)$/gm)].map(([, command = '']) => command);

/** As pasted into a shell. */
async function paste(command: string): Promise<string> {
  return (await promisify(execFile)('bash', ['-c', command])).stdout;
}

/** A command without what differs from one run to the next. */
const shapeOf = (command: string) =>
  command
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(/kwm_\w+/g, 'MANAGEMENT_KEY')
    .replaceAll(/kw_live_[\w…]+/g, 'KEY')
    .replaceAll(/usr_\w+/g, 'USER')
    .replaceAll(/curl -[is] /g, 'curl ')
    .replaceAll(/\s+/g, ' ');

test('the commands that npm start prints work as they are pasted', async () => {
  const [issue = '', call = '', signIn = '', ...more] = commandsIn(welcome(product));
  expect(more).toEqual([]);
  const { key, secret } = JSON.parse(await paste(issue));
  expect(key).toMatchObject({ name: 'local-dev', scopes: ['read:all'], created_by: product.users.owner });
  expect(call).toContain('kw_live_…');
  const answer = await paste(call.replace('kw_live_…', secret));
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toContain('"users"');
  const { access_token: credential } = JSON.parse(await paste(signIn));
  const me = await send(`${product.managementUrl}/v1/me`, { credential });
  expect(me.body).toMatchObject({ kind: 'person', user: product.users.member });
});

test('the README shows the commands that npm start prints, and what it shows is what they answer', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const shown = commandsIn(readme).filter((command) => command.includes('127.0.0.1'));
  const [issue = '', call = '', ...others] = shown;
  expect([issue, call, others.at(-1) ?? ''].map(shapeOf)).toEqual(commandsIn(welcome(product)).map(shapeOf));
  const port = (url: string) => new URL(url).host;
  const ours = (command: string, secret = '') =>
    command
      .replaceAll('127.0.0.1:4000', port(product.managementUrl))
      .replaceAll('127.0.0.1:4001', port(product.apiUrl))
      .replaceAll('127.0.0.1:4002', port(product.issuerUrl))
      .replaceAll(/kwm_\w+/g, product.managementKey)
      .replaceAll(/usr_\w+/g, product.users.owner)
      .replaceAll(/kw_live_\w+/g, secret);
  const issued = JSON.parse(await paste(ours(issue)));
  const answers = [issued];
  for (const command of [call, ...others])
    answers.push(JSON.parse(await paste(ours(command, issued.secret))));
  const examples = [...readme.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => JSON.parse(text));
  expect(answers.map(membersOf)).toEqual(examples.slice(0, answers.length).map(membersOf));
});

/** The names of all members, and the values that are the same in every run. */
function membersOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(membersOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, membersOf(member)]));
}
