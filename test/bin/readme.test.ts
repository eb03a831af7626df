import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { welcome } from '../../bin/welcome.ts';
import { startProduct, type TestProduct } from '../product.ts';
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

test('the README shows what npm start prints', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [managementKey = ''] = /kwm_\w+/.exec(readme) ?? [];
  const [managementUrl, apiUrl, issuerUrl] = [4000, 4001, 4002].map((port) => `http://127.0.0.1:${port}`);
  const printed = welcome({ ...product, managementKey, managementUrl, apiUrl, issuerUrl } as TestProduct);
  expect(readme).toContain(`\`\`\`\n${printed.trim()}\n\`\`\``);
});

test('what the README shows of the commands is what they answer', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const shown = commandsIn(readme).filter((command) => command.includes('127.0.0.1'));
  const [issue = '', call = '', ...others] = shown;
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
