import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OutputClosed } from '../../../bin/output.ts';
import { GATEWAY_PROBLEMS } from '../../../core/errors/gateway-problem.ts';
import { type MemoryApi, memoryApi } from '../../lambdas/management/memory-api.ts';
import { runHere } from '../command-line.ts';
import { fakeTerminal, type Seat } from '../fake-terminal.ts';
import { memoryFetch, SIGNED_IN } from '../memory-fetch.ts';

let api: MemoryApi;
let calls: ReturnType<typeof memoryFetch>;
beforeEach(async () => {
  api = memoryApi();
  calls = memoryFetch(api);
  await api.addWorkspace('acme', { usr_member: 'member' });
});

/** Runs a command as the operator, on a terminal of a person or in a script. */
const keyward = (args: readonly string[], seat: Seat = {}, environment: object = {}) =>
  runHere(
    ['keys', ...args],
    { fetch: calls.fetch, environment: { ...SIGNED_IN, ...environment }, now: () => api.clock.now * 1000 },
    seat,
  );

const ISSUE = ['issue', '--created-by', 'usr_owner', '--name', 'ci', '--scope', 'read:all'];

describe('keys issue', () => {
  test('prints the secret alone on stdout, and the words on stderr', async () => {
    const { code, stdout, stderr } = await keyward([
      ...ISSUE,
      '--expires',
      '90d',
      '--network',
      '192.0.2.0/24',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^kw_live_\w{36}\n$/);
    expect(stderr).toMatch(/^Issued the key key_\w{20} in acme\. .+\n$/);
    expect(stderr).not.toContain(stdout.trim());
    const { body } = await api.call('GET /v1/workspaces/{workspace}/keys', { path: { workspace: 'acme' } });
    expect(body.keys).toMatchObject([{ name: 'ci', scopes: ['read:all'], allowed_cidrs: ['192.0.2.0/24'] }]);
  });

  test('prints the whole answer for programs with --json', async () => {
    const { stdout, stderr } = await keyward([...ISSUE, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      key: { name: 'ci' },
      secret: expect.stringMatching(/^kw_live_/),
    });
    expect(stderr).toBe('');
  });

  test.each([
    [['keys', 'issue', 'kw_live_secret']],
    [['login', '--key', 'https://keys.example.com', 'kw_live_secret']],
    [['login', '--key=kw_live_secret']],
  ])('repeats no value that stands in the wrong place: %j', async (args) => {
    const { code, stdout, stderr } = await runHere(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^keyward: (too many arguments|unknown option '--key')/);
    expect(stderr).not.toContain('secret');
  });

  test('sends null for a key that never expires, with the limit of the plan', async () => {
    const bodies: unknown[] = [];
    const spying: typeof fetch = async (input, init) => {
      if (typeof init?.body === 'string') bodies.push(JSON.parse(init.body));
      return calls.fetch(input, init);
    };
    const send = (...args: readonly string[]) =>
      runHere(['keys', ...args, '--expires', 'never', '--rate-limit', 'plan'], {
        fetch: spying,
        environment: SIGNED_IN,
      });
    expect(await send(...ISSUE)).toMatchObject({ code: 0 });
    const { body } = await api.call('GET /v1/workspaces/{workspace}/keys', { path: { workspace: 'acme' } });
    expect(await send('update', body.keys[0].id)).toMatchObject({ code: 0 });
    const sent = { expires_at: null, rate_limit: null };
    expect(bodies).toMatchObject([sent, sent]);
  });

  test.each([[[]], [['--json']]])(
    'prints nothing of an answer whose secret would steer the terminal: %j',
    async (json) => {
      const { fetch } = calls;
      calls.fetch = async (...request) => {
        const body = (await (await fetch(...request)).json()) as object;
        return Response.json({ ...body, secret: '\u001b]0;gone\u0007' });
      };
      const { code, stdout, stderr } = await keyward([...ISSUE, ...json]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(
        /^keyward: The answer holds something that is no secret\. The key key_\w+ was issued, and its secret is lost: revoke it with .+\n$/,
      );
    },
  );

  test('makes nothing where nobody would see the secret', async () => {
    const { code, stderr } = await keyward(ISSUE, { isSeen: false });
    expect([code, stderr]).toEqual([1, expect.stringContaining('Nothing was made.')]);
    expect(calls.asked).toEqual([]);
  });

  test.each([
    [['--scope', 'nope'], /^keyward: --scope must be one of .+\n$/],
    [['--scope', 'read:all', '--network', 'nope'], /^keyward: --network must be .+\n$/],
    [['--scope', 'read:all', '--rate-limit', '0/60s'], /^keyward: --rate-limit must be .+\n$/],
    [['--scope', 'read:all', '--expires', '1s'], /^keyward: --expires must be .+\n$/],
  ])(
    'says in one sentence which option the API refuses, as if it was typed wrongly: %j',
    async (args, said) => {
      const { code, stdout, stderr } = await keyward([
        'issue',
        '--created-by',
        'usr_owner',
        '--name',
        'ci',
        ...args,
      ]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(said);
    },
  );

  test('advises commands, and no routes of the API', async () => {
    const { code, stderr } = await keyward(['issue', '--created-by', 'usr_no', ...ISSUE.slice(3)]);
    expect(stderr).toMatch(
      /^keyward: The user in --created-by .+`keyward members add`.+`keyward members list`/,
    );
    expect(stderr).not.toMatch(/\/v1|created_by/);
    expect([2, 4]).toContain(code);
  });

  test.each([
    [['--expires', 'soon'], /It must be a time span such as 30d/],
    [['--rate-limit', '100'], /It must be calls in a time span/],
    [['--scope', 'a,,b'], /It must be one or more words/],
    [['--scope', 'a', '--all-scopes'], /--scope and --all-scopes exclude each other/],
    [['--workspace', 'No Slug'], /It must be 1 to 40 lower-case letters/],
  ])('asks the API nothing where an option is wrong: %j', async (wrong, sentence) => {
    const { code, stdout, stderr } = await keyward(['issue', ...wrong]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(calls.asked).toEqual([]);
  });
});

describe('keys list', () => {
  test('shows a table for people, and cuts names to the terminal', async () => {
    await api.addKey('acme', { name: 'a rather long name of a key', scopes: ['read:all', 'write:all'] });
    const { stdout, stderr } = await keyward(['list'], { columns: 80 });
    const [header, row] = stdout.split('\n');
    expect(header).toMatch(/^ID +NAME +STATUS +SCOPES +LAST USED +EXPIRES$/);
    expect(row).toMatch(/^key_\w{20} {2}a rather lo… {2}active {2}read:all, w… {2}never {6}never$/);
    expect(stderr).toBe('');
  });

  test('shows the first 50 and says that there are more; --limit and --all show others', async () => {
    const owners = Array.from({ length: 12 }, (_, index) => `usr_${index}`);
    await api.addWorkspace('globex', Object.fromEntries(owners.map((owner) => [owner, 'owner'])));
    for (const created_by of owners)
      for (let count = 0; count < 5; count += 1) await api.addKey('globex', { created_by });
    const rowsOf = async (...args: string[]) => {
      const { stdout, stderr } = await keyward(['list', '--workspace', 'globex', ...args]);
      return [stdout.trim().split('\n').length - 1, stderr];
    };
    const more = 'There are more keys: --all shows all of them, --limit N the first N.\n';
    expect(await rowsOf()).toEqual([50, more]);
    expect(await rowsOf('--limit', '55')).toEqual([55, more]);
    expect(await rowsOf('--all')).toEqual([60, '']);
    const { stdout } = await keyward(['list', '--workspace', 'globex', '--json']);
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(new Set(ids).size).toBe(60);
  });

  test('ends with an error where the answers never end', async () => {
    await api.addKey('acme');
    const { fetch } = calls;
    const next: unknown[] = ['c1', 'c2', 'c1'];
    calls.fetch = async (...request) => {
      const [url, init = {}] = request;
      const sent = typeof init.body === 'string' && { body: init.body.replace(/,"cursor":"\w+"/, '') };
      const answered = await fetch(String(url).replace(/[?&]cursor=\w+/, ''), { ...init, ...sent });
      const body = (await answered.json()) as object;
      if (next.length === 0) throw new Error('It was asked on.');
      return Response.json({ ...body, next_cursor: next.shift() });
    };
    const repeated = await keyward(['list', '--all']);
    expect([repeated.code, repeated.stderr]).toEqual([1, expect.stringMatching(/not as Keyward’s/)]);
    next.push(undefined);
    expect(await keyward(['list', '--all'])).toMatchObject({ code: 1, stderr: repeated.stderr });
    next.push('c1', 'c1');
    const revoking = await keyward(['revoke', '--status', 'active', '--dry-run']);
    expect(revoking).toMatchObject({ code: 1, stderr: expect.stringContaining('not as Keyward’s') });
  });

  test('says that there are none on stderr, so that a program reads nothing', async () => {
    expect(await keyward(['list'])).toEqual({ code: 0, stdout: '', stderr: 'There are no keys.\n' });
    expect(await keyward(['list', '--json'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

test('keys show tells all of a key, and that one is not there', async () => {
  const { id } = await api.addKey('acme', { name: 'ci' });
  const shown = await keyward(['show', id]);
  expect(shown.stdout).toMatch(/^ID +key_\w+\nName +ci\n/);
  expect(shown.stdout).toMatch(/^Created +now$/m);
  expect((await keyward(['show', id, '--exact'])).stdout).toMatch(/^Created +2027-01-15T08:00:00Z$/m);
  expect(JSON.parse((await keyward(['show', id, '--json'])).stdout)).toMatchObject({ id, status: 'active' });
  expect(await keyward(['show', 'key_none'])).toMatchObject({ code: 4, stdout: '' });
});

test('a description of several lines forges no field', async () => {
  const { id } = await api.addKey('acme', { description: 'x\nStatus        revoked' });
  const { stdout } = await keyward(['show', id]);
  expect(stdout).toMatch(/^Description {3}x\n {14}Status {8}revoked\nExternal id /m);
  expect(stdout.match(/^Status .*/gm)).toEqual(['Status        active']);
});

test('keys update changes what it names and nothing else', async () => {
  const { id } = await api.addKey('acme', { name: 'ci', description: 'old' });
  const { code, stdout } = await keyward(['update', id, '--disable', '--description', '']);
  expect([code, stdout]).toEqual([0, `Changed the key ${id}, which is disabled.\n`]);
  const { body } = await api.call('GET /v1/workspaces/{workspace}/keys/{key}', {
    path: { workspace: 'acme', key: id },
  });
  expect(body).toMatchObject({ name: 'ci', status: 'disabled', scopes: ['read:all'], description: null });
  expect((await keyward(['update', id])).code).toBe(2);
  expect((await keyward(['update', id, '--enable', '--disable'])).code).toBe(2);
});

test('keys carry an id of another system, by which they are listed', async () => {
  const issued = await keyward([...ISSUE, '--external-id', 'order-7', '--json']);
  const { id } = JSON.parse(issued.stdout).key;
  await api.addKey('acme');
  const found = async () => (await keyward(['list', '--external-id', 'order-7', '--json'])).stdout;
  expect(JSON.parse(await found())).toMatchObject({ id, external_id: 'order-7' });
  expect((await keyward(['update', id, '--no-external-id'])).code).toBe(0);
  expect(await found()).toBe('');
});

test('keys list names the keys of one creator', async () => {
  await api.addKey('acme', { created_by: 'usr_owner' });
  const { id } = await api.addKey('acme', { created_by: 'usr_member' });
  const { stdout } = await keyward(['list', '--created-by', 'usr_member', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ id, created_by: 'usr_member' });
});

test('keys rotate prints the new secret alone, and wants to know how long the older one works', async () => {
  const { id } = await api.addKey('acme');
  const { code, stdout } = await keyward(['rotate', id, '--overlap', '1h']);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^kw_live_\w{36}\n$/)]);
  expect(await keyward(['rotate', id])).toMatchObject({
    code: 2,
    stderr:
      "keyward: required option '--overlap <time span>' not specified: 0 ends the older secret at once; 1h, 24h or 7d let it work on\n",
  });
  expect((await keyward(['rotate', id, '--overlap', '8d'])).stderr).toMatch(
    /'8d' is invalid\. It must be .+ at most 7d/,
  );
});

test('keys revoke-previous-secret ends the older secret, which keys show tells until then', async () => {
  const { id } = await api.addKey('acme');
  await keyward(['rotate', id, '--overlap', '1h']);
  const shown = async () => (await keyward(['show', id])).stdout;
  expect(await shown()).toMatch(/Older secret +replaced now, ends in 60 minutes, last used: never/);
  expect(await keyward(['revoke-previous-secret', id])).toMatchObject({
    code: 0,
    stdout: `The key ${id} has no older secret that works.\n`,
  });
  expect(await shown()).toMatch(/Older secret +–/);
});

describe('keys revoke', () => {
  const statusOf = async (id: string) =>
    (await api.call('GET /v1/workspaces/{workspace}/keys/{key}', { path: { workspace: 'acme', key: id } }))
      .body.status;

  test('shows a person what ends and asks, and does it only for a yes', async () => {
    const { id } = await api.addKey('acme', { name: 'ci' });
    const no = await keyward(['revoke', id], { answers: ['n'] });
    expect(no).toMatchObject({ code: 1, stdout: '' });
    expect(no.stderr).toContain(`Would revoke ${id} (ci), active, kw_live_`);
    expect(no.stderr).toContain('Nothing was changed.');
    expect(await statusOf(id)).toBe('active');
    const yes = await keyward(['revoke', id], { answers: ['y'] });
    expect([yes.code, yes.stdout]).toEqual([
      0,
      expect.stringContaining(`Revoked ${id} (ci), which was active, `),
    ]);
    expect(await statusOf(id)).toBe('revoked');
  });

  test('changes nothing in a script that does not say --yes', async () => {
    const { id } = await api.addKey('acme');
    expect(await keyward(['revoke', id])).toMatchObject({
      code: 2,
      stderr: 'keyward: Nobody is there to confirm it: say --yes. Nothing was changed.\n',
    });
    expect(await statusOf(id)).toBe('active');
  });

  test('ends all that meet a filter, after it has shown them, and nothing with --dry-run', async () => {
    const [one, other] = [await api.addKey('acme'), await api.addKey('acme', { created_by: 'usr_member' })];
    const shown = await keyward(['revoke', '--created-by', 'usr_owner', '--dry-run', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ id: one.id, outcome: 'would_be_revoked' });
    expect(await statusOf(one.id)).toBe('active');
    expect((await keyward(['revoke', '--created-by', 'usr_owner'], { answers: ['yes'] })).code).toBe(0);
    expect([await statusOf(one.id), await statusOf(other.id)]).toEqual(['revoked', 'active']);
    expect((await keyward(['revoke', '--created-by', 'usr_none'], { answers: [] })).stderr).toBe(
      'There are no such keys.\n',
    );
  });

  test('says with --dry-run that no key meets the filter', async () => {
    const { code, stdout, stderr } = await keyward(['revoke', '--external-id', 'none', '--dry-run']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: 'No key meets the filter.\n' });
  });

  test('wants a filter, and says which ids name no key', async () => {
    const { id } = await api.addKey('acme');
    expect((await keyward(['revoke', '--yes'])).code).toBe(2);
    const { code, stderr } = await keyward(['revoke', id, 'key_00000000000000000000', '--yes']);
    expect([code, stderr]).toEqual([4, 'keyward: There is no such key: key_00000000000000000000.\n']);
    expect(await statusOf(id)).toBe('revoked');
  });
});

describe('keys verify', () => {
  test('says that --action is typed wrongly where the API says it of the action', async () => {
    const { code, stderr } = await keyward(['verify', '--action', '/users'], { stdin: 'kw_live_nope' });
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^keyward: --action must be an action such as/),
    ]);
  });

  test('reads the credential from stdin, or asks a person without showing it, and fails for a bad one', async () => {
    const piped = await keyward(['verify'], { stdin: 'kw_live_nope\n' });
    expect([piped.code, piped.stdout]).toEqual([1, expect.stringMatching(/^Not valid: .+ \(malformed\)\n$/)]);
    const typed = await keyward(['verify', '--json'], { answers: ['kw_live_nope'] });
    expect([typed.code, JSON.parse(typed.stdout)]).toEqual([1, expect.objectContaining({ valid: false })]);
  });

  test.each([
    ['', /nothing on stdin/],
    ['two words', /one secret and nothing else/],
  ])('asks the API nothing for %j on stdin', async (stdin, sentence) => {
    const { code, stderr } = await keyward(['verify'], { stdin });
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)]);
    expect(calls.asked).toEqual([]);
  });
});

test('an address that answers otherwise than Keyward is named as what it is', async () => {
  calls.fetch = async () => Response.json({ message: 'Missing Authentication Token' }, { status: 403 });
  const other = await keyward(['list']);
  expect(other).toMatchObject({ code: 1, stdout: '' });
  expect(other.stderr).toMatch(
    /^keyward: This address answers, but not as Keyward’s management API\. .+KEYWARD_URL/,
  );
  calls.fetch = async () => new Response('<html>', { status: 200 });
  expect((await keyward(['list'])).stderr).toBe(other.stderr);
  // The API of a product says so of a route that it lacks.
  const { status, title, code, detail } = GATEWAY_PROBLEMS.no_route;
  calls.fetch = async () => Response.json({ status, title, code, detail }, { status });
  expect(await keyward(['list'])).toEqual(other);
});

describe('keys import', () => {
  const HASHES = ['one', 'two'].map((text) => hash('sha256', `kw_live_${text}`, 'hex'));
  const rows = HASHES.map((each, index) => `${each},old-${index},key ${index}`).join('\n');
  let folder: string;
  const write = (text: string) => {
    const path = join(folder, 'keys.csv');
    writeFileSync(path, text);
    return path;
  };
  const importing = (path: string, ...more: string[]) =>
    keyward([
      'import',
      path,
      ...['--algorithm', 'sha256', '--encoding', 'hex', '--column', 'hash=key_hash'],
      ...['--scopes', 'read:all', '--created-by', 'usr_owner', ...more],
    ]);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyward-import-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('brings keys in by their hashes, and changes nothing the second time', async () => {
    const path = write(`key_hash,external_id,name\n${rows}\n`);
    expect(await importing(path, '--dry-run', '--shape', 'issued')).toMatchObject({ code: 0, stderr: '' });
    expect((await keyward(['list'])).stdout).toBe('');
    expect((await importing(path)).stdout).toBe('2 rows: 2 imported, 0 there already, 0 skipped.\n');
    expect((await importing(path, '--json')).stdout).toBe(
      '{"rows":2,"imported":0,"present":2,"skipped":0}\n',
    );
    expect((await keyward(['list', '--external-id', 'old-1', '--json'])).stdout).toContain('"old-1"');
  });

  test('imports the good rows, says why others were skipped, and then fails', async () => {
    const { code, stdout, stderr } = await importing(
      write(`key_hash,external_id,name\n${rows}\nnot-a-hash,x,y\n`),
    );
    expect([code, stdout]).toEqual([1, '3 rows: 2 imported, 0 there already, 1 skipped.\n']);
    expect(stderr).toMatch(/^line 4: .+\n/);
  });

  test('tells of hashes that may belong to keys which the product does not accept, in a dry run too', async () => {
    const path = write(`key_hash,external_id,name\n${rows}\n`);
    const told = /^Look at the shapes: 2 rows have neither start nor shape, .+ in api_key\.accepts\. .+\n$/;
    expect((await importing(path, '--dry-run')).stderr).toMatch(told);
    expect((await importing(path)).stderr).toMatch(told);
    // Nothing is imported any more.
    expect((await importing(path)).stderr).toBe('');
  });

  test.each([
    ['standard', 'has the shape that the product issues (kw_live_…): the profile names no other in'],
    ['sophic', 'api_key.accepts'],
  ])('names the shapes of a product that it was told: %s', async (profile, words) => {
    const path = write(`key_hash,external_id,name\n${rows}\n`);
    expect((await importing(path, '--dry-run', '--profile', profile)).stderr).toContain(words);
  });

  test.each([['start'], ['shape']])('has nothing to tell of hashes with a %s', async (column) => {
    const value = { start: 'kw_live_ab', shape: 'issued' }[column];
    const lines = HASHES.map((each) => `${each},key,${value}`).join('\n');
    const path = write(`key_hash,name,${column}\n${lines}\n`);
    expect(await importing(path)).toMatchObject({ code: 0, stderr: '' });
  });

  test('tells a reason that many rows share once, with their count and the option that mends it', async () => {
    const path = write(
      `hash,encoding,scopes,created_by\n${[...HASHES, 'no'].map((each) => `${each},hex,read:all,usr_owner`).join('\n')}\n`,
    );
    const { code, stderr } = await keyward(['import', path]);
    expect([code, stderr]).toEqual([
      1,
      'line 2 and 2 more: algorithm must be given, in the row or for all rows with --algorithm.\n',
    ]);
  });

  test('says in a sentence that a file is not there, or what its format is', async () => {
    expect((await importing(join(folder, 'none.csv'))).stderr).toMatch(
      /^keyward: The file .+none\.csv cannot be opened/,
    );
    expect((await importing(join(folder, 'none.txt'))).stderr).toMatch(/say --format csv or --format jsonl/);
  });
});

test('what the API sends cannot steer the terminal', async () => {
  const { fetch } = calls;
  const steer = '\u001b[2Jgone\u202e';
  calls.fetch = async (...request) => {
    const body = await (await fetch(...request)).text();
    return new Response(body.replaceAll('"ci"', JSON.stringify(steer)));
  };
  const { id } = await api.addKey('acme', { name: 'ci' });
  for (const args of [['list'], ['list', '--json'], ['show', id], ['revoke', id, '--yes']]) {
    const { stdout } = await keyward(args, { columns: 200 });
    expect(stdout).toContain('\\u001b[2Jgone\\u202e');
    for (const character of ['\u001b', '\u202e']) expect(stdout).not.toContain(character);
  }
});

test('a list whose reader has read enough ends quietly, and a secret that nobody reads is a failure', async () => {
  const { id } = await api.addKey('acme');
  const terminal = fakeTerminal();
  terminal.write = (descriptor, text) => {
    if (descriptor === 1) throw new OutputClosed();
    written += text;
  };
  let written = '';
  const close = (...args: string[]) =>
    runHere(args, { fetch: calls.fetch, environment: SIGNED_IN, terminal });
  expect([(await close('keys', 'list')).code, (await close('--help')).code, written]).toEqual([0, 0, '']);
  expect((await close('keys', 'rotate', id, '--overlap', '0')).code).toBe(1);
  expect(written).toContain(`The key ${id} was rotated, and its new secret is lost: rotate it again.`);
});

test('a member reaches only what the API lets them, and the exit code tells what is wrong', async () => {
  expect((await keyward(['list'], {}, { KEYWARD_WORKSPACE: 'nowhere' })).code).toBe(4);
  expect((await keyward(['list'], {}, { KEYWARD_URL: '' })).code).toBe(3);
  expect((await keyward(['list'], {}, { KEYWARD_URL: 'http://keys.example.com' })).code).toBe(2);
  const answers: readonly (readonly [number, number])[] = [
    [401, 3],
    [400, 2],
    [403, 1],
    [409, 5],
    [422, 2],
    [503, 6],
  ];
  for (const [status, code] of answers) {
    calls.fetch = async () => Response.json({ code: 'some_code', detail: 'No.' }, { status });
    expect(await keyward(['list'])).toMatchObject({ code, stderr: expect.stringMatching(/^keyward: No\./) });
  }
});
