import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Surroundings } from '../../../bin/commands/surroundings.ts';
import { openConnectionFile } from '../../../bin/connections/connection-file.ts';
import { openSession } from '../../../bin/session.ts';
import { listenForCallback } from '../../../bin/sign-in/loopback.ts';
import { LOGIN_CALLBACKS } from '../../../core/management/sign-in.ts';
import { type MemoryApi, memoryApi, person } from '../../lambdas/management/memory-api.ts';
import { runHere } from '../command-line.ts';
import { fakeTerminal, type Seat, surroundingsOf } from '../fake-terminal.ts';
import { API_URL, memoryFetch } from '../memory-fetch.ts';

const ISSUER = 'https://issuer.example.com/pool';

/** An issuer that gives one code, and holds its client to the proof. */
function fakeIssuer(api: MemoryApi) {
  const tokens = {
    access_token: 'access-1',
    refresh_token: 'refresh-1',
    expires_in: 1800,
    token_type: 'Bearer',
  };
  const { fetch: callApi } = memoryFetch(api, {
    'access-1': person('usr_owner'),
    'access-2': person('usr_owner'),
  });
  const issuer = {
    asked: new URLSearchParams(),
    posted: [] as Record<string, string>[],
    discovery: { issuer: ISSUER } as Record<string, unknown>,
    renews: true,
    request: {} as Record<string, unknown>,
    fetch: (async (input, init = {}) => {
      const url = String(input);
      if (url === `${API_URL}/sign-in.json`)
        return Response.json({ issuer: ISSUER, client_id: 'client-1', ...issuer.request });
      if (url === `${ISSUER}/.well-known/openid-configuration`)
        return Response.json({
          authorization_endpoint: `${ISSUER}/authorize`,
          token_endpoint: `${ISSUER}/token`,
          revocation_endpoint: `${ISSUER}/revoke`,
          ...issuer.discovery,
        });
      if (url.startsWith(API_URL)) return callApi(input, init);
      const form = Object.fromEntries(init.body as URLSearchParams);
      issuer.posted.push({ url, ...form });
      if (url === `${ISSUER}/revoke`) return new Response('');
      if (form.grant_type === 'refresh_token' && issuer.renews)
        return Response.json({ ...tokens, access_token: 'access-2', refresh_token: undefined });
      const isProven =
        hash('sha256', form.code_verifier ?? '', 'base64url') === issuer.asked.get('code_challenge');
      return isProven && form.code === 'code-1'
        ? Response.json(tokens)
        : Response.json({ error: 'invalid_grant' }, { status: 400 });
    }) as typeof fetch,
  };
  return issuer;
}

let folder: string;
let api: MemoryApi;
let issuer: ReturnType<typeof fakeIssuer>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-login-'));
  api = memoryApi();
  await api.addWorkspace('acme');
  issuer = fakeIssuer(api);
});
afterEach(() => rmSync(folder, { recursive: true }));

const connections = () => openConnectionFile(folder, 'linux').read();

/** A browser whose person signs in at once and goes back to the command. @param change what it brings back. */
function browser(change: (back: URL) => URL | undefined = (back) => back): Surroundings['openBrowser'] {
  return async (page) => {
    issuer.asked = new URL(page).searchParams;
    const back = new URL(issuer.asked.get('redirect_uri') ?? '');
    back.searchParams.set('code', 'code-1');
    back.searchParams.set('state', issuer.asked.get('state') ?? '');
    const changed = change(back);
    if (changed !== undefined) await fetch(changed);
    return true;
  };
}

const keyward = (args: readonly string[], given: Partial<Surroundings> = {}, seat: Seat = {}) =>
  runHere(
    args,
    {
      fetch: issuer.fetch,
      environment: { KEYWARD_CONFIG: folder },
      now: () => api.clock.now * 1000,
      openBrowser: browser(),
      ...given,
    },
    seat,
  );

describe('keyward login', () => {
  test('signs a person in through the browser with PKCE, and keeps the connection', async () => {
    const { code, stdout, stderr } = await keyward(['login', API_URL]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'You are signed in as usr_owner, owner of acme. Commands use the connection keys.example.com.\n',
    });
    expect(stderr).toContain(`${ISSUER}/authorize?`);
    expect(Object.fromEntries(issuer.asked)).toMatchObject({
      response_type: 'code',
      client_id: 'client-1',
      code_challenge_method: 'S256',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:2179\d\/signed-in$/),
    });
    expect(connections()).toMatchObject({
      current: 'keys.example.com',
      connections: {
        'keys.example.com': {
          url: API_URL,
          workspace: 'acme',
          credential: { kind: 'person', access_token: 'access-1', expires_at: api.clock.now + 1800 },
        },
      },
    });
    expect(stdout + stderr).not.toMatch(/access-1|refresh-1|code-1/);
    expect((await keyward(['keys', 'list'])).code).toBe(0);
  });

  test('asks for what the API says, also when it renews the tokens, and for what Cognito needs where it says nothing', async () => {
    await keyward(['login', API_URL]);
    expect(issuer.asked.get('scope')).toBe('openid email');
    issuer.request = { scopes: ['openid', 'offline_access'], parameters: { resource: 'https://k.example' } };
    expect((await keyward(['login', API_URL])).code).toBe(0);
    expect(issuer.asked.get('scope')).toBe('openid offline_access');
    expect(issuer.asked.get('resource')).toBe('https://k.example');
    expect(issuer.posted.at(-1)).toMatchObject({ code: 'code-1', resource: 'https://k.example' });
    api.clock.now += 1_800;
    expect((await keyward(['keys', 'list'])).code).toBe(0);
    expect(issuer.posted.at(-1)).toMatchObject({
      grant_type: 'refresh_token',
      resource: 'https://k.example',
    });
  });

  test('prints the address of the page, and opens nothing, with --no-browser', async () => {
    const terminal = fakeTerminal();
    const visit = browser();
    const { write } = terminal;
    terminal.write = (descriptor, text) => {
      write(descriptor, text);
      const [page] = /https:\S+authorize\S+/.exec(text) ?? [];
      if (page !== undefined) visit(page);
    };
    const openBrowser = async () => {
      throw new Error('A browser was opened.');
    };
    expect((await keyward(['login', API_URL, '--no-browser'], { terminal, openBrowser })).code).toBe(0);
  });

  test('prints the address before it tries a browser, and says where none opens', async () => {
    const terminal = fakeTerminal();
    const visit = browser();
    const openBrowser = async (page: string) => {
      expect(terminal.stderr().split('\n')).toContain(page);
      await visit(page);
      return false;
    };
    expect((await keyward(['login', API_URL], { terminal, openBrowser })).code).toBe(0);
    expect(terminal.stderr()).toMatch(/\nNo browser could be opened from here: open the page yourself\.\n$/);
  });

  test('shows who reaches several workspaces the whole command that keeps one', async () => {
    await api.addWorkspace('globex');
    expect((await keyward(['login', API_URL, '--connection', 'my api'])).stderr).toContain(
      "keep one: `keyward connections use 'my api' --workspace acme`.\n",
    );
  });

  test('says what the issuer refused, and keeps nothing', async () => {
    const openBrowser = browser((back) => {
      back.searchParams.delete('code');
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_description', 'You may not');
      return back;
    });
    expect(await keyward(['login', API_URL], { openBrowser })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('The issuer refused the sign-in: You may not.'),
    });
    expect(connections().current).toBeNull();
  });

  test('takes no code that the verifier does not fit', async () => {
    const visit = browser();
    const openBrowser = async (page: string) => {
      await visit(page);
      issuer.asked.set('code_challenge', 'of another command');
      return true;
    };
    const { code, stderr } = await keyward(['login', API_URL], { openBrowser });
    expect([code, stderr]).toEqual([3, expect.stringContaining('did not take the code')]);
  });

  test.each([
    ['another issuer', { issuer: 'https://elsewhere.example.com' }],
    ['an endpoint without TLS', { token_endpoint: 'http://issuer.example.com/token' }],
    ['an endpoint that is none', { authorization_endpoint: 7 }],
  ])('sends nobody to a discovery document that names %s', async (_, discovery) => {
    issuer.discovery = { issuer: ISSUER, ...discovery };
    const { code, stderr } = await keyward(['login', API_URL]);
    expect([code, stderr]).toEqual([
      1,
      `keyward: The issuer ${ISSUER} cannot sign anybody in: its answer is not valid.\n`,
    ]);
  });

  test('takes a key from stdin once the API has taken it, and from no argument', async () => {
    const { code, stdout } = await keyward(
      ['login', API_URL, '--key', '--workspace', 'acme'],
      {},
      { stdin: 'kwm_1\n' },
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining('with the management key')]);
    expect(connections().connections['keys.example.com']).toMatchObject({
      workspace: 'acme',
      credential: { kind: 'key', secret: 'kwm_1' },
    });
    expect((await keyward(['login', API_URL, '--key', 'kwm_1'])).code).toBe(2);
    const refuse = async () => Response.json({ code: 'unauthorized', detail: 'No.' }, { status: 401 });
    const refused = await keyward(['login', API_URL, '--key'], { fetch: refuse }, { stdin: 'kwm_2' });
    expect([refused.code, JSON.stringify(connections())]).toEqual([3, expect.not.stringContaining('kwm_2')]);
  });

  test.each(['http://keys.example.com', 'keys.example.com', 'https://me:secret@keys.example.com'])(
    'sends nothing to %s',
    async (url) => {
      const fetch = async () => {
        throw new Error('It was asked.');
      };
      expect((await keyward(['login', url], { fetch })).code).toBe(2);
    },
  );
});

describe('a sign-in', () => {
  test('is renewed when it has expired, and the renewed one is kept', async () => {
    await keyward(['login', API_URL]);
    api.clock.now += 1800;
    expect((await keyward(['keys', 'list'])).code).toBe(0);
    expect(issuer.posted.at(-1)).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'refresh-1' });
    expect(connections().connections['keys.example.com']?.credential).toMatchObject({
      access_token: 'access-2',
      refresh_token: 'refresh-1',
    });
    const asked = issuer.posted.length;
    expect((await keyward(['keys', 'list'])).code).toBe(0);
    expect(issuer.posted.length).toBe(asked);
  });

  test('that has expired is renewed once for calls at the same moment, and tried again after a failure', async () => {
    await keyward(['login', API_URL]);
    api.clock.now += 1800;
    const { client } = openSession(
      surroundingsOf(fakeTerminal(), {
        fetch: issuer.fetch,
        environment: { KEYWARD_CONFIG: folder },
        now: () => api.clock.now * 1000,
      }),
      {},
    );
    const renewals = () => issuer.posted.filter(({ grant_type }) => grant_type === 'refresh_token').length;
    issuer.renews = false;
    await expect(client.caller()).rejects.toThrow('Your sign-in has expired');
    issuer.renews = true;
    await Promise.all([client.caller(), client.scopes(), client.caller()]);
    expect(renewals()).toBe(2);
  });

  test('that cannot be renewed is said, with what to do', async () => {
    await keyward(['login', API_URL]);
    api.clock.now += 1800;
    issuer.renews = false;
    expect(await keyward(['keys', 'list'])).toMatchObject({
      code: 3,
      stderr: 'keyward: Your sign-in has expired: run `keyward login` again.\n',
    });
  });

  test('ends at the issuer with keyward logout, and the connection is gone', async () => {
    await keyward(['login', API_URL]);
    expect((await keyward(['logout'])).stdout).toBe('You are signed out of keys.example.com.\n');
    expect(issuer.posted.at(-1)).toMatchObject({ url: `${ISSUER}/revoke`, token: 'refresh-1' });
    expect(connections()).toEqual({ current: null, connections: {} });
    expect((await keyward(['logout'])).code).toBe(3);
  });
});

test('the only connection that is left becomes the current one, and logout says so', async () => {
  for (const name of ['one', 'other', 'third']) await keyward(['login', API_URL, '--connection', name]);
  expect((await keyward(['logout'])).stdout).toBe('You are signed out of third.\n');
  expect(connections().current).toBeNull();
  expect((await keyward(['connections', 'use', 'other'])).code).toBe(0);
  expect((await keyward(['logout'])).stdout).toBe(
    'You are signed out of other. Commands now use the connection one.\n',
  );
  expect(connections().current).toBe('one');
});

describe('the port that waits for the browser', () => {
  const expected = { state: 'the-state', issuer: ISSUER, patienceMs: 60_000 };

  test('ignores what no issuer sent, and takes the code of the right one', async () => {
    const callback = await listenForCallback(expected);
    try {
      const visit = async (query: string, path = '/signed-in', init?: RequestInit) => {
        const { status } = await fetch(new URL(`${path}?${query}`, callback.url), init);
        return status;
      };
      expect(await visit('code=theirs&state=another')).toBe(404);
      expect(await visit('error=access_denied')).toBe(404);
      expect(await visit('code=theirs&state=the-state&iss=https://elsewhere.example.com')).toBe(404);
      expect(await visit('code=theirs&state=the-state', '/other')).toBe(404);
      expect(await visit('code=theirs&state=the-state', '/signed-in', { method: 'POST' })).toBe(404);
      expect(await visit(`code=ours&state=the-state&iss=${encodeURIComponent(ISSUER)}`)).toBe(200);
      expect(await callback.code).toBe('ours');
    } finally {
      callback.close();
    }
  });

  test('takes another port where the first is taken, and says so where all are', async () => {
    const callbacks = [];
    try {
      for (const url of LOGIN_CALLBACKS) {
        const callback = await listenForCallback(expected);
        callbacks.push(callback);
        expect(callback.url).toBe(url);
      }
      await expect(listenForCallback(expected)).rejects.toThrow(/needs one of the ports 21790, 21791, 21792/);
    } finally {
      for (const { close } of callbacks) close();
    }
  });

  test('waits no longer than it is told to', async () => {
    const callback = await listenForCallback({ ...expected, patienceMs: 1 });
    await expect(callback.code).rejects.toThrow('Nobody has signed in in time');
    callback.close();
  });
});
