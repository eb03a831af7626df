import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/**
 * `node bench/command-line.ts`: how long the command line takes to start, beside a Node that does nothing, and to show the first page of
 * 10,000 keys. An API that answers at once stands in for the real one, so the time is the command's own. It writes nothing.
 */
const ROUNDS = 15;
const COMMAND = ['bin/keyward.mjs'];
const KEYS = 10_000;

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const from = Number(searchParams.get('cursor') ?? 0);
  const to = Math.min(from + Number(searchParams.get('limit') ?? 50), KEYS);
  const keys = Array.from({ length: to - from }, (_, index) => keyOf(from + index));
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ keys, next_cursor: to < KEYS ? String(to) : null }));
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const environment = {
  ...process.env,
  KEYWARD_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  KEYWARD_KEY: 'kwm_bench',
  KEYWARD_WORKSPACE: 'acme',
};

const CASES: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': ['-e', '0'],
  'keyward --version': [...COMMAND, '--version'],
  'keyward --help': [...COMMAND, '--help'],
  'keyward keys --help': [...COMMAND, 'keys', '--help'],
  'keyward keys list, its first line': [...COMMAND, 'keys', 'list'],
  'keyward keys list --all, its first line': [...COMMAND, 'keys', 'list', '--all'],
};

// The first round fills the compile cache.
for (const args of Object.values(CASES)) await measure(args);
const times = new Map<string, number[]>(Object.keys(CASES).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, args] of Object.entries(CASES)) times.get(name)?.push(await measure(args));
const nothing = medianOf(times.get('node -e 0') ?? []);
for (const [name, each] of times) {
  const median = medianOf(each);
  console.log(
    `${name.padEnd(40)} ${median.toFixed(0).padStart(5)} ms  ${(median - nothing).toFixed(0).padStart(5)} ms more  ${(median / nothing).toFixed(1)} ×`,
  );
}
server.close();

/** @returns milliseconds until the first output, or until the end where there is none. */
function measure(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, '..'),
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let first: number | undefined;
  child.stdout.on('data', () => {
    first ??= performance.now() - start;
  });
  return new Promise((resolve) => child.once('close', () => resolve(first ?? performance.now() - start)));
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function keyOf(number: number) {
  const time = '2026-11-22T02:42:12.000Z';
  return {
    id: `key_${String(number).padStart(20, '0')}`,
    kind: 'api_key',
    workspace: 'acme',
    name: `key number ${number}`,
    description: null,
    external_id: null,
    start: 'kw_live_oQaf',
    scopes: ['read:all'],
    role: null,
    status: 'active',
    created_at: time,
    created_by: 'usr_acmeOwner00000000000',
    expires_at: null,
    last_used_at: time,
    revoked_at: null,
    allowed_cidrs: [],
    rate_limit: null,
    plan: null,
  };
}
