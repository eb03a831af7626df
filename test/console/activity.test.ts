import { describe, expect, test } from '@jest/globals';
import { EVERY_ACTIVITY, eventQueryOf } from '../../console/activity/activity-filter.ts';
import { writeCsv } from '../../console/activity/event-csv.ts';
import { exportEvents } from '../../console/activity/event-export.ts';
import { changesOf, describeEvent, identifyPeople } from '../../console/activity/event-sentence.ts';
import type { AuditEvent } from '../../console/api/records.ts';
import { fullNameOf } from '../../console/members/member-names.ts';
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

  describe('in which people have names', () => {
    const memberNames = new Map([
      ['usr_1', 'Ada'],
      ['usr_2', 'Ada'],
      ['usr_3', null],
    ]);
    const about = (user_id: string, over: Partial<AuditEvent> = {}): AuditEvent => ({
      ...EVENT,
      type: 'member.role_changed',
      user_id,
      key_id: null,
      before: { role: 'member' },
      after: { role: 'admin' },
      ...over,
    });
    const told = (event: AuditEvent, user = 'usr_3') => [
      describeEvent(event, { user, memberNames }),
      identifyPeople(event, { user, memberNames }),
    ];

    test('two people of one name stay apart by their ids, and the reader is called “you”', () => {
      expect(told(about('usr_2'))).toEqual(['Ada changed the role of Ada', ['Ada is usr_1', 'Ada is usr_2']]);
      expect(told(about('usr_2'), 'usr_2')).toEqual(['Ada changed the role of you', ['Ada is usr_1']]);
      expect(told(about('usr_3'), 'usr_1')).toEqual(['You changed the role of usr_3', []]);
      expect(told(about('usr_1'))).toEqual(['Ada changed the role of Ada', ['Ada is usr_1']]);
    });

    test('somebody who has left is called what they were called then, if the event tells it', () => {
      const leaving = { type: 'member.removed', after: { role: null, name: null } } as const;
      expect(told(about('usr_4', { ...leaving, before: { role: 'member', name: 'Grace' } }))).toEqual([
        'Ada removed Grace',
        ['Ada is usr_1', 'Grace is usr_4'],
      ]);
      expect(told(about('usr_4', { ...leaving, before: { role: 'member' } }))).toEqual([
        'Ada removed usr_4',
        ['Ada is usr_1'],
      ]);
    });

    test('a new name is told with the one before, also where the product gave it', () => {
      const renamed = { type: 'member.renamed', before: { name: null }, after: { name: 'Ada' } } as const;
      expect(told(about('usr_2', renamed))[0]).toBe('Ada changed the name of Ada');
      expect(told(about('usr_3', renamed))[0]).toBe('Ada changed your name');
      expect(changesOf(about('usr_2', renamed))).toEqual([{ field: 'name', before: '–', after: 'Ada' }]);
      const link = { type: 'session.created', before: { name: null }, after: { name: 'Grace' } } as const;
      expect(told(about('usr_3', link))[0]).toBe(
        'Ada made a link that signs you in under the new name Grace',
      );
    });

    test('that are written from right to left leave the words around them in order', () => {
      const names = new Map([['usr_1', 'عادة']]);
      expect(describeEvent(about('usr_2'), { user: 'usr_3', memberNames: names })).toBe(
        '\u2068عادة\u2069 changed the role of usr_2',
      );
      expect(fullNameOf('usr_1', { ownId: 'usr_3', names })).toBe('\u2068عادة\u2069 (usr_1)');
    });

    test('and a list of people has one line for each, which fits nobody else', () => {
      const context = { ownId: 'usr_3', names: memberNames };
      expect(['usr_1', 'usr_2', 'usr_3', 'usr_4'].map((id) => fullNameOf(id, context))).toEqual([
        'Ada (usr_1)',
        'Ada (usr_2)',
        'You',
        'usr_4',
      ]);
    });
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
    const nothing = { roles: [], mayRename: false, remove: expect.any(String) };
    expect(rights('admin', 'owner')).toEqual(nothing);
    expect(rights('member', 'member')).toEqual(nothing);
  });

  test('and whom they change they also name, the last owner too', () => {
    expect([rights('owner', 'owner'), rights('admin', 'member')]).toMatchObject([
      { mayRename: true },
      { mayRename: true },
    ]);
    expect(rights('member', 'member', 'usr_2').mayRename).toBe(false);
  });

  test('a member may leave, and the last owner stays', () => {
    expect(rights('member', 'member', 'usr_2').remove).toBeNull();
    const last = rightsOver(
      { user_id: 'usr_1', name: null, role: 'owner', created_at: EVENT.at },
      { person: { user: 'usr_1' }, membership: { role: 'owner' }, isLastOwner: true },
    );
    expect(last).toEqual({
      roles: [],
      mayRename: true,
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
