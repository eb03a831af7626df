import { randomBytes } from 'node:crypto';
import { type EventRetention, parseEventRetention } from '../core/audit/event-store.ts';
import { type IdentifierPrefix, makeIdentifier } from '../core/credential/identifier.ts';
import { parseMaxKeysPerMember } from '../core/management/key-store.ts';

/**
 * A variable that the stack sets on the function.
 * @throws at start, so that a function that was deployed wrongly never answers.
 */
export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** A variable that need not be there; an empty one is not. */
export function optionalVariable(name: string): string | undefined {
  return process.env[name] || undefined;
}

/**
 * For how long events are kept that this function writes.
 * @throws at start, as {@link requiredVariable} does.
 */
export function eventRetention(): EventRetention {
  const name = 'KEYWARD_EVENT_RETENTION_DAYS';
  return parseEventRetention(requiredVariable(name), `The environment variable ${name}`);
}

/**
 * How many active keys of a workspace a member may have.
 * @throws at start, as {@link requiredVariable} does.
 */
export function maxKeysPerMember(): number {
  const name = 'KEYWARD_MAX_KEYS_PER_MEMBER';
  return parseMaxKeysPerMember(requiredVariable(name), `The environment variable ${name}`);
}

/** @returns Unix seconds. */
export function unixNow(): number {
  return Math.floor(Date.now() / 1000);
}

/** What a new event is known by: an id, and the time when that was made in Unix seconds, so that a log in the order of its ids is in the order of time. */
export function newEventIdentity(): { readonly id: string; readonly at: number } {
  const now = Date.now();
  return { id: makeIdentifier('evt', now, randomBytes), at: Math.floor(now / 1000) };
}

/** A new identifier, made now. */
export function newId(prefix: IdentifierPrefix): string {
  return makeIdentifier(prefix, Date.now(), randomBytes);
}
