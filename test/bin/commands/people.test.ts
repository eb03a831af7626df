import { beforeEach, describe, expect, test } from '@jest/globals';
import { describeUnknownRoute } from '../../../core/management/problem.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { type MemoryApi, memoryApi, person } from '../../lambdas/management/memory-api.ts';
import { runHere } from '../command-line.ts';
import type { Seat } from '../fake-terminal.ts';
import { memoryFetch, SIGNED_IN } from '../memory-fetch.ts';

let api: MemoryApi;
let calls: ReturnType<typeof memoryFetch>;

async function open(profile?: Profile): Promise<void> {
  api = memoryApi(profile);
  calls = memoryFetch(api, { 'an-access-token': person('usr_owner') });
  await api.addWorkspace('acme', { usr_member: 'member' });
}
beforeEach(() => open());

const keyward = (args: readonly string[], seat: Seat = {}, environment: object = {}) =>
  runHere(
    args,
    { fetch: calls.fetch, environment: { ...SIGNED_IN, ...environment }, now: () => api.clock.now * 1000 },
    seat,
  );
const AS_PERSON = { KEYWARD_KEY: 'an-access-token', KEYWARD_WORKSPACE: '' };

test('members are listed, added, given another role and removed', async () => {
  const { stdout } = await keyward(['members', 'list']);
  expect(stdout).toMatch(/^USER +NAME +ROLE +SINCE\nusr_member +– +member +now\nusr_owner +– +owner +now\n$/);
  expect(await keyward(['members', 'add', 'usr_new', '--role', 'admin'])).toEqual({
    code: 0,
    stdout: 'usr_new is admin of acme.\n',
    stderr:
      'Keyward does not know who has an account: the person who signs in with exactly this id is the member.\n',
  });
  expect((await keyward(['members', 'add', 'usr_new', '--role', 'admin', '--json'])).stderr).toBe('');
  expect((await keyward(['members', 'set-role', 'usr_new', 'member'])).stdout).toBe(
    'usr_new is member of acme.\n',
  );
  await api.addKey('acme', { created_by: 'usr_owner' });
  const removed = await keyward(['members', 'remove', 'usr_new'], { answers: ['yes'] });
  expect(removed.stdout).toBe('Removed usr_new. Keys that ended: none. Keys that stay: none.\n');
  expect((await keyward(['members', 'remove', 'usr_new'])).code).toBe(2);
  expect((await keyward(['members', 'set-role', 'usr_new', 'boss'])).code).toBe(2);
});

test('members are named when they are added and later, and their role stays as it is', async () => {
  const added = await keyward(['members', 'add', 'usr_new', '--role', 'admin', '--name', 'Ada']);
  expect(added.stdout).toBe('Ada (usr_new) is admin of acme.\n');
  const renamed = await keyward(['members', 'rename', 'usr_new', 'Ada of Sales']);
  expect(renamed.stdout).toBe('Ada of Sales (usr_new) is admin of acme.\n');
  expect((await keyward(['members', 'list'])).stdout).toMatch(/\nusr_new +Ada of Sales +admin +now\n/);
  expect((await keyward(['members', 'set-role', 'usr_new', 'member'])).stdout).toBe(
    'Ada of Sales (usr_new) is member of acme.\n',
  );
  expect((await keyward(['members', 'rename', 'usr_new'])).stdout).toBe('usr_new is member of acme.\n');
  expect((await keyward(['members', 'rename', 'usr_new', '\u202e'])).code).toBe(2);
  expect((await keyward(['members', 'rename', 'usr_stranger', 'Ada'])).code).toBe(4);
});

test('invitations are made, listed and taken back', async () => {
  const made = await keyward(['invitations', 'create', 'ada@example.com', '--role', 'member', '--json']);
  const { id } = JSON.parse(made.stdout);
  expect((await keyward(['invitations', 'list'])).stdout).toMatch(
    new RegExp(`^ID .*\n${id} {2}ada@example.com {2}member {2}in 14 days {2}the operator\n$`),
  );
  expect((await keyward(['invitations', 'create', 'ada@example.com', '--role', 'member'])).code).toBe(5);
  expect((await keyward(['invitations', 'revoke', id])).stdout).toBe(`Took the invitation ${id} back.\n`);
  expect((await keyward(['invitations', 'list'])).stderr).toBe('There are no open invitations.\n');
});

test('workspaces are made, shown and changed', async () => {
  const made = await keyward(['workspaces', 'create', 'globex', '--owner', 'usr_1', '--name', 'Globex Corp']);
  expect(made.stdout).toBe('Made the workspace globex, which usr_1 owns.\n');
  expect((await keyward(['workspaces', 'create', 'globex', '--owner', 'usr_1'])).code).toBe(5);
  expect((await keyward(['workspaces', 'show', 'globex'])).stdout).toMatch(
    /^Slug +globex\nName +Globex Corp\n/,
  );
  expect((await keyward(['workspaces', 'update', 'globex', '--name', 'Globex'])).code).toBe(0);
  expect((await keyward(['workspaces', 'update', 'globex'])).code).toBe(2);
});

test('workspaces list shows a person theirs, and tells a management key that nothing lists them', async () => {
  await api.addWorkspace('globex');
  expect((await keyward(['workspaces', 'list'], {}, AS_PERSON)).stdout).toBe(
    'WORKSPACE  YOUR ROLE\nacme       owner\nglobex     owner\n',
  );
  const { stdout } = await keyward(['workspaces', 'list', '--json'], {}, AS_PERSON);
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toEqual({
    slug: 'acme',
    name: 'Acme',
    role: 'owner',
    member_name: null,
  });
  expect(await keyward(['workspaces', 'list'])).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'keyward: Nothing lists the workspaces that a management key reaches: name one with --workspace.\n',
  });
});

test.each([
  [['workspaces', 'create'], '--owner <user id>'],
  [['keys', 'rotate'], '--overlap <time span>'],
  [['members', 'add'], '--role <role>'],
  [['backup'], '--to <file>'],
])('the help of %j says which option is required', async (command, option) => {
  const { stdout } = await runHere([...command, '--help'], {}, { columns: 200 });
  const lines = stdout.split('\n');
  expect(lines.find((line) => line.includes(option))).toMatch(/\(required\)$/);
  expect(lines.find((line) => line.includes('--help'))).not.toContain('required');
});

test('whoami and scopes say who calls and what keys may be allowed', async () => {
  expect((await keyward(['whoami'])).stdout).toMatch(
    /^API +https:\/\/.+\nYou are +the management key key_0+\n/,
  );
  expect((await keyward(['whoami'], {}, AS_PERSON)).stdout).toMatch(
    /^You are +the user usr_owner\nWorkspaces +acme \(owner\)\nCommands use +acme$/m,
  );
  expect((await keyward(['whoami'])).stdout).toMatch(/^Workspace +any\n(.+\n)+Commands use +acme$/m);
  expect((await keyward(['whoami'], {}, { KEYWARD_WORKSPACE: '' })).stdout).toMatch(
    /^Commands use +no workspace, until --workspace names one$/m,
  );
  expect((await keyward(['scopes'])).stdout).toMatch(/^SCOPE +WHAT IT ALLOWS +INCLUDES\n/);
  expect(JSON.parse((await keyward(['scopes', '--json'])).stdout.split('\n')[0] ?? '')).toMatchObject({
    name: expect.any(String),
  });
});

describe('the workspace of a command', () => {
  test('is the only one of a person', async () => {
    expect((await keyward(['workspaces', 'show'], {}, AS_PERSON)).stdout).toMatch(/^Slug +acme\n/);
  });

  test('has to be named by who has several, or reaches all', async () => {
    await api.addWorkspace('globex');
    const several = await keyward(['workspaces', 'show'], {}, AS_PERSON);
    expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining('You are in acme, globex.') });
    expect((await keyward(['keys', 'list'], {}, { KEYWARD_WORKSPACE: '' })).code).toBe(2);
  });
});

test('tokens are issued, listed and revoked, for oneself and with a management key for a user', async () => {
  await open(loadProfile('sophic').profile);
  for (const [environment, whose] of [
    [AS_PERSON, []],
    [{}, ['--user', 'usr_owner']],
  ] as const) {
    const made = await keyward(
      ['tokens', 'issue', '--name', 'laptop', '--scope', 'read', ...whose],
      {},
      environment,
    );
    expect(made.stdout).toMatch(/^sophic_pat_\w+\n$/);
    const listed = await keyward(['tokens', 'list', '--json', ...whose], {}, environment);
    const { id } = JSON.parse(listed.stdout.split('\n')[0] ?? '');
    const ended = await keyward(['tokens', 'revoke', id, '--yes', ...whose], {}, environment);
    expect(ended.stdout).toBe(`Revoked the token ${id}.\n`);
  }
});

test.each([['list'], ['issue', '--name', 'laptop'], ['revoke', 'pat_1', '--yes']])(
  'tokens %s says so where the product has no tokens',
  async (...args) => {
    const { fetch } = calls;
    const { status, detail } = describeUnknownRoute(loadProfile('standard').profile);
    calls.fetch = async (url, init) =>
      String(url).includes('/tokens')
        ? Response.json({ code: 'not_found', detail }, { status })
        : fetch(url, init);
    expect(await keyward(['tokens', ...args])).toEqual({
      code: 4,
      stdout: '',
      stderr: 'keyward: This product has no personal access tokens.\n',
    });
    expect((await keyward(['tokens', ...args, '--user', 'usr_1'])).code).toBe(4);
    calls.fetch = async () => Response.json({ code: 'not_found', detail }, { status });
    expect((await keyward(['tokens', ...args])).stderr).toMatch(/^keyward: The API does not know this call/);
  },
);

test('tokens list tells a management key to say whose', async () => {
  await open(loadProfile('sophic').profile);
  expect(await keyward(['tokens', 'list'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^keyward: Only somebody who has signed in .+ say whose: --user\.\n$/),
  });
});

describe('events', () => {
  test('shows the audit log, newest first, and filters it', async () => {
    await api.addKey('acme');
    const { stdout } = await keyward(['events'], { columns: 120 });
    expect(stdout).toMatch(/^WHEN +EVENT +ABOUT +BY +OUTCOME\nnow +key\.issued +key_\w+ +key_\w+ +done\n/);
    const filtered = await keyward(['events', '--type', 'member.added', '--json']);
    expect(
      filtered.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toEqual(['member.added']);
    expect((await keyward(['events', '--type', 'nope'])).stderr).toMatch(/^keyward: --type must be one of /);
    expect((await keyward(['events', '--follow', '--all'])).code).toBe(2);
    const exact = await keyward(['events', '--exact']);
    expect(exact.stdout).toMatch(/^WHEN .+\n2027-01-15T08:00:00Z /);
  });

  test('followed, leaves room for the longest types and outcomes that may come', async () => {
    const at = { workspace: 'acme' };
    const steps = [
      async () => {
        const { id: key } = await api.addKey('acme');
        const path = { ...at, key };
        await api.call('POST /v1/workspaces/{workspace}/keys/{key}/rotate', {
          path,
          body: { overlap_seconds: 60 },
        });
        await api.call('POST /v1/workspaces/{workspace}/keys/{key}/previous-secret/revoke', { path });
      },
      () => {
        calls.fetch = async () => Response.json({ code: 'unauthorized', detail: 'No.' }, { status: 401 });
      },
    ];
    const { stdout } = await runHere(
      ['events', '--follow'],
      {
        fetch: (...request) => calls.fetch(...request),
        environment: SIGNED_IN,
        pause: async () => steps.shift()?.(),
      },
      { columns: 200 },
    );
    expect(stdout).toContain('  key.previous_secret_revoked  ');
  });

  test('follows it: new events are shown once, oldest first, and an outage is said once', async () => {
    const { fetch } = calls;
    const answersLast = () => {
      calls.fetch = async () => Response.json({ code: 'unauthorized', detail: 'No.' }, { status: 401 });
    };
    const steps = [
      async () => {
        await api.addKey('acme', { name: 'one' });
        api.clock.now += 1;
        await api.addKey('acme', { name: 'two' });
      },
      () => {
        calls.fetch = async () => new Response('', { status: 503, headers: { 'Retry-After': '0' } });
      },
      () => {},
      () => {
        calls.fetch = fetch;
      },
      answersLast,
    ];
    const ended = await runHere(['events', '--follow', '--limit', '1', '--json'], {
      fetch: (...request) => calls.fetch(...request),
      environment: SIGNED_IN,
      pause: async () => steps.shift()?.(),
    });
    expect(ended.code).toBe(3);
    const shown = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(shown.map(({ type, after }) => [type, after.name])).toEqual([
      ['member.added', undefined],
      ['key.issued', 'one'],
      ['key.issued', 'two'],
    ]);
    expect(ended.stderr).toMatch(/^The API does not answer now\. .+\nThe API answers again\.\nkeyward: No\./);
  });
});
