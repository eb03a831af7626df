import { roleCopiesOf } from '../../core/management/member-store.ts';
import type { ChangeFinisher } from '../../stores/dynamodb/table/intent.ts';
import { dynamoAcceptanceStore } from '../../stores/dynamodb/workspaces/acceptance-store.ts';
import { dynamoMemberStore } from '../../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspaces/workspace-store.ts';
import { newId, unixNow } from '../environment.ts';
import { profile } from '../profile.ts';
import { connectTables } from '../tables.ts';
import { millisecondsLeft } from '../time-limit.ts';
import { type AcceptanceOptions, acceptInvitations } from './acceptance.ts';
import { createSignInHandler } from './sign-in-handler.ts';

const tables = connectTables({});
const finisher: ChangeFinisher = { tables, now: unixNow, newId, millisecondsLeft };

const options: AcceptanceOptions = {
  invitations: dynamoAcceptanceStore(tables),
  workspaces: dynamoWorkspaceStore(finisher, roleCopiesOf(profile)),
  members: dynamoMemberStore(finisher, roleCopiesOf(profile)),
  profile,
  newId,
  now: unixNow,
};

/** The Lambda function that accepts invitations when somebody signs in. */
export const handler = createSignInHandler((person) => acceptInvitations(options, person));
