import { randomBytes } from 'node:crypto';
import { profile } from '#profile';
import { bcrypt } from '#verifiers';
import { generateKey, type KeyFormat } from '../../core/credential/key-text.ts';
import { digestOf, makeSecret } from '../../core/credential/secret.ts';
import { roleCopiesOf } from '../../core/management/member-store.ts';
import type { TokenRules } from '../../core/profile/profile.ts';
import { dynamoKeyStore } from '../../stores/dynamodb/keys/key-store.ts';
import type { ChangeFinisher } from '../../stores/dynamodb/table/intent.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoInvitationStore } from '../../stores/dynamodb/workspaces/invitation-store.ts';
import { dynamoMemberStore } from '../../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspaces/workspace-store.ts';
import { newEventIdentity, newId, unixNow } from '../environment.ts';
import { millisecondsLeft } from '../time-limit.ts';
import type { Ids } from './http/operation.ts';

/** What the functions of the management API are made of: stores on the tables, and sources of ids and secrets. */

export function keyOptions(tables: Tables) {
  return { ...workspaceOptions(tables), keys: dynamoKeyStore(finisherOf(tables)) };
}

export function memberOptions(tables: Tables) {
  const members = dynamoMemberStore(finisherOf(tables), roleCopiesOf(profile));
  return { ...workspaceOptions(tables), members };
}

export function invitationOptions(tables: Tables) {
  return { ...workspaceOptions(tables), invitations: dynamoInvitationStore(tables) };
}

export function workspaceOptions(tables: Tables) {
  const workspaces = dynamoWorkspaceStore(finisherOf(tables), roleCopiesOf(profile));
  return { profile, ids, workspaces };
}

function finisherOf(tables: Tables): ChangeFinisher {
  return { tables, now: unixNow, newId, millisecondsLeft };
}

export const ids: Ids = { newId, newEventIdentity };

export function drawKeySecret() {
  return makeSecret(profile.apiKey, { draw: randomBytes, bcrypt });
}

export function drawTokenSecret({ format }: TokenRules) {
  return makeSecret({ format, storedAs: 'sha256' }, { draw: randomBytes, bcrypt });
}

/** A text of which only the digest is kept. */
export async function drawText(format: KeyFormat) {
  const text = generateKey(format, randomBytes);
  return { text, locator: digestOf(text) };
}
