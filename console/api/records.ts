import type { Event, Key, Scopes, SignedInPerson } from '../../client/index.ts';

/** What the management API answers, under the names that the console uses. */
export type ApiKey = Key;
export type AuditEvent = Event;
export type ChangedFields = NonNullable<Event['before']>;
export type KeyStatus = Key['status'];
export type Membership = SignedInPerson['workspaces'][number];
export type Person = SignedInPerson;
export type Scope = Scopes['scopes'][number];

export type {
  Invitation,
  IssuedKey,
  KeyChange,
  Member,
  NewKey,
  NewToken,
  RemovedMember,
  Token,
  Workspace,
} from '../../client/index.ts';

export const KEY_STATUSES = [
  'active',
  'disabled',
  'expired',
  'revoked',
] as const satisfies readonly KeyStatus[];

/** What a list of events may be narrowed down to. */
export interface EventQuery {
  readonly type?: Event['type'];
  readonly outcome?: Event['outcome'];
  /** The id of a user or of a credential. */
  readonly actor?: string;
  readonly key_id?: string;
  /** ISO 8601. */
  readonly from?: string;
  readonly to?: string;
}
