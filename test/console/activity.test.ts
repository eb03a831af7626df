import { describe, expect, test } from '@jest/globals';
import { EVERY_ACTIVITY, eventQueryOf } from '../../console/activity/activity-filter.ts';
import { writeCsv } from '../../console/activity/event-csv.ts';
import { exportEvents } from '../../console/activity/event-export.ts';
import { changesOf, describeEvent } from '../../console/activity/event-sentence.ts';
import type { AuditEvent } from '../../console/api/records.ts';
import { rightsOver } from '../../console/members/member-rights.ts';
import { EVENT_TYPES } from '../../core/audit/audit-event.ts';

const EVENT: AuditEvent = {
  id: 'evt_1',
  at: '2026-11-28T12:00:00Z',
  type: 'key.updated',
  actor: { kind: 'person', credential_id: null, user: 'usr_1' },
  source_address: '203.0.113.7',
  workspace: 'acme',
  key_id: 'key_1',
  user_id: null,
  invitation_id: null,
  before: { scopes: ['read:all'], name: 'a' },
  after: { scopes: ['read:all', 'write:all'], name: 'b' },
  outcome: 'done',
  action: null,
  code: null,
};

describe('the log is told in sentences', () => {
  test('who did what, and what it was before and after', () => {
    expect(describeEvent(EVENT, { user: 'usr_1' })).toBe('You changed the key b');
    expect(describeEvent(EVENT, { user: 'usr_2' })).toBe('usr_1 changed the key b');
    expect(changesOf(EVENT)).toEqual([
      { field: 'scopes', before: 'read:all', after: 'read:all and write:all' },
      { field: 'name', before: 'a', after: 'b' },
    ]);
  });

  test('a session that the product has ended names the person who was signed out', () => {
    const ended = { ...EVENT, type: 'session.ended', user_id: 'usr_2' } as const;
    const byProduct = {
      ...ended,
      actor: { kind: 'management_key', credential_id: 'mgk_1', user: null },
    } as const;
    expect(describeEvent(ended, { user: 'usr_1' })).toBe('You signed out');
    expect(describeEvent(byProduct, { user: 'usr_1' })).toBe(
      'The operator (with a management key) signed usr_2 out',
    );
  });

  test('a key is called by its name, also where the event has its id only', () => {
    const revoked = { ...EVENT, type: 'key.revoked', before: null, after: null } as const;
    expect(describeEvent(revoked, { user: 'usr_1' })).toBe('You revoked the key key_1');
    const keyNames = new Map([['key_1', 'ci']]);
    expect(describeEvent(revoked, { user: 'usr_1', keyNames })).toBe('You revoked the key ci');
  });

  test('every type of event is a sentence', () => {
    for (const type of EVENT_TYPES)
      expect(describeEvent({ ...EVENT, type }, { user: 'usr_2' })).toMatch(/^usr_1\S* .{5,}/);
  });

  test('a file for a spreadsheet quotes what has marks, and runs no formula that somebody typed', () => {
    const after = { name: '=HYPERLINK("https://evil.example")' };
    const csv = writeCsv([{ ...EVENT, source_address: '=1+1', after }]);
    const row = csv.split('\r\n')[1];
    expect(row).toContain(",'=1+1,");
    expect(row).toContain(String.raw`"{""name"":""=HYPERLINK(\""https://evil.example\"")""}"`);
  });

  test('a file for a spreadsheet begins no formula behind a semicolon, where many begin a cell', () => {
    const csv = writeCsv([{ ...EVENT, user_id: 'a;=1+1;b', after: { name: 'x;=1+1;y' } }]);
    expect(csv).not.toContain(';=');
    expect(csv).toContain("a;'=1+1;b");
    expect(csv).toContain(String.raw`""x\u003b=1+1\u003by""`);
  });
});

describe('who may change which member', () => {
  const rights = (role: 'owner' | 'admin' | 'member', of: 'owner' | 'admin' | 'member', user = 'usr_1') =>
    rightsOver(
      { user_id: 'usr_2', name: null, role: of, created_at: EVENT.at },
      { person: { user }, membership: { role }, isLastOwner: false },
    );

  test('owners change everybody, admins everybody but owners, members nobody', () => {
    expect(rights('owner', 'owner').roles).toEqual(['owner', 'admin', 'member']);
    expect(rights('admin', 'member').roles).toEqual(['admin', 'member']);
    expect(rights('admin', 'owner')).toEqual({ roles: [], remove: expect.any(String) });
    expect(rights('member', 'member')).toEqual({ roles: [], remove: expect.any(String) });
  });

  test('a member may leave, and the last owner stays', () => {
    expect(rights('member', 'member', 'usr_2').remove).toBeNull();
    const last = rightsOver(
      { user_id: 'usr_1', name: null, role: 'owner', created_at: EVENT.at },
      { person: { user: 'usr_1' }, membership: { role: 'owner' }, isLastOwner: true },
    );
    expect(last).toEqual({
      roles: [],
      remove: expect.stringContaining('Make another member an owner first'),
    });
  });
});

describe('the log is narrowed down by the API', () => {
  test('by kind, actor and key', () => {
    expect(eventQueryOf(EVERY_ACTIVITY)).toEqual({});
    expect(eventQueryOf({ ...EVERY_ACTIVITY, kind: 'refused' })).toEqual({ outcome: 'refused' });
    const filter = { ...EVERY_ACTIVITY, kind: 'key.updated', actor: 'usr_1', key: 'key_1' } as const;
    expect(eventQueryOf(filter)).toEqual({ type: 'key.updated', actor: 'usr_1', key_id: 'key_1' });
  });

  test('from the beginning of a day to the end of one, where the person is', () => {
    const { from = '', to = '' } = eventQueryOf({ ...EVERY_ACTIVITY, from: '2026-11-28', to: '2026-11-28' });
    expect(new Date(from).toString()).toMatch(/Nov 28 2026 00:00:00/);
    expect(new Date(to).toString()).toMatch(/Nov 29 2026 00:00:00/);
  });
});

describe('a file of the log', () => {
  const EVENTS = Array.from({ length: 250 }, (_, index) => ({ ...EVENT, id: `evt_${index}` }));

  async function* log() {
    yield* EVENTS;
  }

  test('holds every event, and the page says how far it is', async () => {
    const told: number[] = [];
    const { text, ...rest } = await exportEvents(log(), {
      most: 250,
      onProgress: (count) => told.push(count),
    });
    expect(text).toBe(writeCsv(EVENTS));
    expect(rest).toEqual({ count: 250, stoppedAt: null });
    expect(told).toEqual([100, 200]);
  });

  test('that cannot hold every event says with which one it ends', async () => {
    const { text, ...rest } = await exportEvents(log(), { most: 249, onProgress: () => undefined });
    expect(text).toBe(writeCsv(EVENTS.slice(0, 249)));
    expect(rest).toEqual({ count: 249, stoppedAt: EVENTS[248] });
  });
});
