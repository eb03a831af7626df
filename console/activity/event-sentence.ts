import type { AuditEvent, ChangedFields } from '../api/records.ts';
import { type MemberNames, shortNameOf } from '../members/member-names.ts';
import { formatDay } from '../text/relative-time.ts';
import { isolate, joinWords } from '../text/words.ts';
import { describeAttempt } from './action-words.ts';

/** What the page knows besides the event. */
export interface Reader {
  /** The id of the person who reads. */
  readonly user: string;
  /** The names of keys by their ids, as far as they are known: an event has a name only where it is about the name. */
  readonly keyNames?: ReadonlyMap<string, string>;
  readonly memberNames?: MemberNames | undefined;
}

/** The event as a sentence without its end mark: "You revoked the key key_…". */
export function describeEvent(event: AuditEvent, reader: Reader): string {
  const actor = describeActor(event.actor, reader);
  const name = textOf(event, 'name') ?? reader.keyNames?.get(event.key_id ?? '') ?? event.key_id;
  const key = `the key ${isolate(name ?? '')}`.trim();
  const member = describeMember(event, reader);
  switch (event.type) {
    case 'workspace.created':
      return `${actor} created the workspace`;
    case 'workspace.updated':
      return `${actor} changed the workspace`;
    case 'member.added':
      return `${actor} added ${member}`;
    case 'member.role_changed':
      return `${actor} changed the role of ${member}`;
    case 'member.renamed':
      return `${actor} changed ${member === 'you' ? 'your name' : `the name of ${member}`}`;
    case 'member.removed':
      return `${actor} removed ${member}`;
    case 'invitation.created':
      return `${actor} invited ${textOf(event, 'email') ?? 'somebody'}`;
    case 'invitation.revoked':
      return `${actor} took back an invitation`;
    case 'key.issued':
      return `${actor} created ${key}`;
    case 'key.updated':
      return `${actor} changed ${key}`;
    case 'key.revoked':
      return `${actor} revoked ${key}`;
    case 'key.rotated':
      return `${actor} rotated ${key}`;
    case 'key.previous_secret_revoked':
      return `${actor} ended the older secret of ${key}`;
    case 'key.rotation_abandoned':
      return `${actor} undid a rotation of ${key} that was not finished`;
    case 'session.created':
      return `${actor} made a link that signs ${member} in${describeNewName(event)}`;
    case 'session.started':
      return `${actor} signed in with a link of the product`;
    case 'session.ended':
      return event.actor.kind === 'person' ? `${actor} signed out` : `${actor} signed ${member} out`;
    case 'call.refused':
      return `${actor} tried to ${describeAttempt(event.action)}, and ${actor === 'You' ? 'were' : 'was'} refused`;
    default:
      return `${actor}: ${event.type.replaceAll(/[._]/g, ' ')}`;
  }
}

/** One field that the event changed, in words. */
export interface FieldChange {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

export function changesOf({ before, after }: Pick<AuditEvent, 'before' | 'after'>): readonly FieldChange[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields.map((field) => ({
    field: field.replaceAll('_', ' '),
    before: wordsOf(before, field),
    after: wordsOf(after, field),
  }));
}

/** Whose names the sentence says, each with the id behind it: "Ada is usr_…". */
export function identifyPeople(event: AuditEvent, reader: Reader): readonly string[] {
  const ids = new Set([event.actor.user, event.user_id]);
  return [...ids].flatMap((id) => {
    if (id === null || id === reader.user) return [];
    const name = nameIn(event, id, reader);
    return name === undefined ? [] : [`${isolate(name)} is ${isolate(id)}`];
  });
}

function describeActor(actor: AuditEvent['actor'], { user: ownId, memberNames: names }: Reader): string {
  const user = actor.user === null ? null : shortNameOf(actor.user, { ownId, names });
  if (user !== null && actor.kind === 'person') return user;
  const behind = user === null ? '' : ` of ${user === 'You' ? 'yours' : user}`;
  switch (actor.kind) {
    case 'api_key':
      return `The key ${actor.credential_id ?? ''}${behind}`;
    case 'personal_access_token':
      return `A token${behind}`;
    case 'management_key':
      return 'The operator (with a management key)';
    case 'operator':
      return 'The operator';
    case 'sweeper':
      return 'Keyward itself';
    default:
      return `Somebody${behind}`;
  }
}

function describeMember(event: AuditEvent, reader: Reader): string {
  const { user_id: id } = event;
  if (id === null) return 'a member';
  return id === reader.user ? 'you' : isolate(nameIn(event, id, reader) ?? id);
}

/** What a user is called, or was called at the time of the event if they have left since. */
function nameIn(event: AuditEvent, id: string, { memberNames }: Reader): string | undefined {
  const told = event.type.startsWith('member.') && id === event.user_id ? textOf(event, 'name') : undefined;
  return memberNames?.get(id) ?? told;
}

function describeNewName({ after }: AuditEvent): string {
  const name = after?.name;
  if (typeof name === 'string') return ` under the new name ${isolate(name)}`;
  return name === null ? ' without a name' : '';
}

function textOf({ before, after }: AuditEvent, field: string): string | undefined {
  const value = after?.[field] ?? before?.[field];
  return typeof value === 'string' ? value : undefined;
}

function wordsOf(fields: ChangedFields | null, field: string): string {
  const value = fields?.[field];
  if (value === undefined || value === null || value === '') return '–';
  if (Array.isArray(value)) return value.length === 0 ? 'all' : joinWords(value.map(String));
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return JSON.stringify(value);
  return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? formatDay(String(value)) : String(value);
}
