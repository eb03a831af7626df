import { randomBytes } from 'node:crypto';
import { type EventRetention, parseEventRetention } from '../core/audit/event-store.ts';
import { type IdentifierPrefix, makeIdentifier } from '../core/credential/identifier.ts';
import { parseMaxKeysPerMember } from '../core/management/key-store.ts';

/**
 * Reads a variable that the stack sets on the function.
 * @throws where it is missing. Call it at start: a function that was deployed wrongly then never answers.
 */
export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** Reads a variable that may be missing. An empty one counts as missing. */
export function optionalVariable(name: string): string | undefined {
  return process.env[name] || undefined;
}

/**
 * Reads how long the events that this function writes are kept.
 * @throws as {@link requiredVariable} does.
 */
export function eventRetention(): EventRetention {
  const name = 'KEYWARD_EVENT_RETENTION_DAYS';
  return parseEventRetention(requiredVariable(name), `The environment variable ${name}`);
}

/**
 * Reads how many active keys of a workspace a member may have.
 * @throws as {@link requiredVariable} does.
 */
export function maxKeysPerMember(): number {
  const name = 'KEYWARD_MAX_KEYS_PER_MEMBER';
  return parseMaxKeysPerMember(requiredVariable(name), `The environment variable ${name}`);
}

/** @returns Unix seconds. */
export function unixNow(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * Makes the id of a new event, with the time in that id in Unix seconds. A log that is sorted by ids is sorted by time.
 */
export function newEventIdentity(): { readonly id: string; readonly at: number } {
  const now = Date.now();
  return { id: makeIdentifier('evt', now, randomBytes), at: Math.floor(now / 1000) };
}

/** Makes an identifier of this moment. */
export function newId(prefix: IdentifierPrefix): string {
  return makeIdentifier(prefix, Date.now(), randomBytes);
}
