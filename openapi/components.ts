import * as v from 'valibot';
import type { Profile } from '../core/profile/profile.ts';
import {
  callerAnswer,
  principalAnswer,
  scopesAnswer,
  signedInAnswer,
  verificationAnswer,
  verificationsAnswer,
} from '../lambdas/management/answers/caller-answers.ts';
import {
  keyAnswer,
  keysAnswer,
  newKeyAnswer,
  newTokenAnswer,
  revocationAnswer,
  revocationsAnswer,
  tokenAnswer,
  tokensAnswer,
} from '../lambdas/management/answers/credential-answers.ts';
import { importAnswer } from '../lambdas/management/answers/import-answers.ts';
import {
  endedSessionAnswer,
  endedSessionsAnswer,
  newSessionAnswer,
  startedSessionAnswer,
} from '../lambdas/management/answers/session-answers.ts';
import {
  eventAnswer,
  eventsAnswer,
  invitationAnswer,
  invitationsAnswer,
  memberAnswer,
  membersAnswer,
  removedMemberAnswer,
  workspaceAnswer,
} from '../lambdas/management/answers/workspace-answers.ts';
import { invitationBody } from '../lambdas/management/invitations/invitations.ts';
import { importBody } from '../lambdas/management/keys/import-row.ts';
import { issueBody as keyBody } from '../lambdas/management/keys/issue-key.ts';
import { revokeBody } from '../lambdas/management/keys/revoke-key.ts';
import { revokeKeysBody } from '../lambdas/management/keys/revoke-keys.ts';
import { rotateBody } from '../lambdas/management/keys/rotate-key.ts';
import { updateBody } from '../lambdas/management/keys/update-key.ts';
import { verifyBody } from '../lambdas/management/keys/verify-key.ts';
import { memberBody } from '../lambdas/management/members/members.ts';
import { sessionBody } from '../lambdas/management/sessions/create-session.ts';
import { exchangeBody } from '../lambdas/management/sessions/exchange-session.ts';
import { revokeSessionsBody } from '../lambdas/management/sessions/revoke-sessions.ts';
import { issueBody as tokenBody } from '../lambdas/management/tokens/issue-token.ts';
import { changedWorkspaceBody, newWorkspaceBody } from '../lambdas/management/workspaces/workspaces.ts';

/** The schemas that the document names, and what they are called there. */

const TOKEN_ANSWERS = { Token: tokenAnswer, Tokens: tokensAnswer, IssuedToken: newTokenAnswer } as const;

const ANSWERS = {
  Workspace: workspaceAnswer,
  Member: memberAnswer,
  Members: membersAnswer,
  RemovedMember: removedMemberAnswer,
  Key: keyAnswer,
  Keys: keysAnswer,
  IssuedKey: newKeyAnswer,
  ImportedKeys: importAnswer,
  Invitation: invitationAnswer,
  Invitations: invitationsAnswer,
  Event: eventAnswer,
  Events: eventsAnswer,
  Principal: principalAnswer,
  SignedInPerson: signedInAnswer,
  Caller: callerAnswer,
  Scopes: scopesAnswer,
  Verdict: verificationAnswer,
  Verdicts: verificationsAnswer,
  VerdictOrVerdicts: v.union([verificationAnswer, verificationsAnswer]),
  Revocation: revocationAnswer,
  Revocations: revocationsAnswer,
  NewSessionLink: newSessionAnswer,
  StartedSession: startedSessionAnswer,
  EndedSession: endedSessionAnswer,
  EndedSessions: endedSessionsAnswer,
} as const;

export type AnswerName = keyof typeof ANSWERS | keyof typeof TOKEN_ANSWERS | 'RevokedCredential';

/** @returns the answers that this product gives. */
export function answersOf({ personalAccessTokens }: Profile): Readonly<Record<string, v.GenericSchema>> {
  if (personalAccessTokens === undefined) return ANSWERS;
  return { ...ANSWERS, ...TOKEN_ANSWERS, RevokedCredential: v.union([keyAnswer, tokenAnswer]) };
}

/**
 * What an answer is called in the description of this product. Without tokens, a revoked credential is a key: as a schema with a
 * second name, it would give that name to every key.
 */
export function answerNameIn({ personalAccessTokens }: Profile, name: AnswerName): AnswerName {
  return name === 'RevokedCredential' && personalAccessTokens === undefined ? 'Key' : name;
}

export type BodyName = keyof ReturnType<typeof everyBody>;

/** @returns the bodies that this product takes. */
export function bodiesOf(profile: Profile): Readonly<Partial<Record<BodyName, v.GenericSchema>>> {
  const { NewToken, ...others } = everyBody(profile);
  return profile.personalAccessTokens === undefined ? others : { ...others, NewToken };
}

/** The time matters only to the check that an expiry is in the future, which JSON Schema cannot say. */
const NO_TIME = 0;

function everyBody(profile: Profile) {
  return {
    NewWorkspace: newWorkspaceBody(profile),
    WorkspaceChange: changedWorkspaceBody(profile),
    MemberChange: memberBody(profile),
    NewKey: keyBody(profile, NO_TIME),
    KeyImport: importBody(profile, NO_TIME),
    KeyChange: updateBody(profile, NO_TIME),
    Rotation: rotateBody,
    Verification: verifyBody,
    KeyRevocation: revokeKeysBody(profile, NO_TIME),
    NewInvitation: invitationBody,
    NewSession: sessionBody(profile),
    SessionCode: exchangeBody,
    SessionRevocation: revokeSessionsBody(profile),
    NewToken: tokenBody(profile, NO_TIME),
    /** Of every operation that needs no body; all of them check the same. */
    Nothing: revokeBody,
  };
}
