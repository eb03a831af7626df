/**
 * Every action that a role holds, and why: the reviewed list. `Action Table`, then, where not every product has it, `@` and
 * those of {@link PROFILES} that do. `Pending` is the index of the changes under way.
 */
export const PROFILES = ['standard', 'supersonic', 'supertone', 'socialcrm', 'sophic'] as const;

const EVENT = { 'PutItem Events': 'the event is written with the change it tells of' };
/** Of what may refuse who calls and writes nothing else. */
const REFUSAL = { 'PutItem Events': 'a refused call of a known caller writes an event' };
const COPIES = {
  'UpdateItem Secrets @supersonic,sophic': 'a change of role reaches the copies that secrets carry',
};
const CHANGE = {
  ...EVENT,
  'GetItem Records': 'the caller, the workspace and the key as they are when the change is decided',
  'UpdateItem Records': 'the change is marked as begun, and the mark is taken away',
  'UpdateItem Secrets': 'what verification reads is changed',
  'BatchGetItem Secrets': 'the answer says when the key was last used',
  'DeleteItem Records': 'a revocation, or one that was left half done, frees the slots of its key',
};
const ENTRY = {
  'PutItem Records': 'an update, or one that was left half done, moves the entry of an external id',
};
const MEMBERSHIP = {
  ...EVENT,
  ...COPIES,
  'GetItem Records': 'the member, the caller and the workspace, as they are now',
  'PutItem Records': 'a member is added, or removed and kept as one who was',
  'UpdateItem Records': 'roles, counted owners, and marks of changes under way',
  'ConditionCheckItem Records': 'the caller must still be what they were when it was decided',
};
const VERIFY = {
  'GetItem Secrets': 'a secret is read where nothing is counted, or where it cannot be',
  'UpdateItem Secrets': 'a use is counted or noted, under the condition that it is allowed',
  'Query Secrets @socialcrm': 'what is kept as bcrypt is looked up by its prefix',
  'BatchGetItem Secrets @sophic': 'a token and a membership are read together',
};
const ROWS = {
  'GetItem Rows': 'the sample shows a row of its own',
  'PutItem Rows': 'the sample keeps a row of its own',
  'DeleteItem Rows': 'the sample deletes a row of its own',
  'Query Rows': 'the sample lists rows of its own',
};
const only = (profiles: string, reasons: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(reasons).map(([grant, why]) => [
      grant.includes('@') ? grant : `${grant} @${profiles}`,
      why,
    ]),
  );

export const ROLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ProductAuthorizer: only('standard,supertone,sophic', verifyByDigest()),
  ManagementAuthorizer: {
    ...VERIFY,
    ...REFUSAL,
    'GetItem ManagementKeys': 'a management key is read, where each use is noted only when that fails',
    'GetItem Sessions': 'a session is read, once a call',
    'UpdateItem Sessions': 'a use moves the end of a session that is in force, once a minute',
    'UpdateItem ManagementKeys':
      'the use of a management key is noted, under the condition that it is allowed',
  },
  AcceptInvitations: {
    ...MEMBERSHIP,
    'DeleteItem Records': 'an invitation is taken away when it has become a membership',
    'Query Records': 'the invitations of the address, and the tokens that a membership has to reach',
  },
  CreateWorkspace: {
    ...EVENT,
    'GetItem Records': 'what an earlier request with the same Idempotency-Key did',
    'PutItem Records': 'the workspace and its owner, and a request with an Idempotency-Key',
    'UpdateItem Records': 'the workspaces that the owner is in have a version that grows',
    'Query Records @sophic': 'the tokens that the owner has already',
    'UpdateItem Secrets @sophic': 'those tokens reach the new workspace',
  },
  ReadWorkspace: { ...REFUSAL, 'GetItem Records': 'the workspace, and the membership of the caller' },
  UpdateWorkspace: {
    ...EVENT,
    'GetItem Records': 'the workspace, its keys and the caller as they are now',
    'UpdateItem Records': 'name and plan, and the keys that a plan has reached',
    'ConditionCheckItem Records': 'the caller must still be what they were when it was decided',
    'Query Records @standard': 'the keys that a plan has to reach',
    'DeleteItem Records @standard': CHANGE['DeleteItem Records'],
    'PutItem Records @standard': ENTRY['PutItem Records'],
    'UpdateItem Secrets @standard': 'the limit that a plan means for them',
  },
  ReadMembers: {
    ...REFUSAL,
    'GetItem Records': 'the workspace, and the membership of the caller',
    'Query Records': 'the members, page by page',
  },
  PutMember: {
    ...MEMBERSHIP,
    'Query Records @supersonic,sophic': 'the credentials that the change has to reach',
    'DeleteItem Records @supersonic,sophic': 'a removal that was left half done is finished, and frees slots',
  },
  RemoveMember: {
    ...MEMBERSHIP,
    'DeleteItem Records': 'what says that a user is in the workspace, and the slots of their keys',
    'BatchGetItem Records': 'the keys that the answer names',
    'Query Records': 'the keys that were issued in the member’s name',
  },
  IssueKey: {
    ...EVENT,
    'GetItem Records': 'the workspace, the caller and the member in whose name it is issued',
    'PutItem Records': 'the record, and the item by which it is found among the member’s keys',
    'ConditionCheckItem Records': 'workspace, member and caller must still be what they were',
    'PutItem Secrets': 'what verification reads',
    'Query Records': 'a free slot among the keys that a workspace or a member may have',
  },
  ReadKeys: {
    ...REFUSAL,
    'GetItem Records': 'one key, the workspace, and the membership of the caller',
    'Query Records': 'the keys of a workspace or a member, page by page',
    'BatchGetItem Records': 'the keys of one member',
    'BatchGetItem Secrets': 'when they were last used',
  },
  ImportKeys: {
    ...EVENT,
    'GetItem Records': 'the workspace and the members in whose names keys are imported',
    'PutItem Records': 'the key as people see it, its entries and its slots',
    'ConditionCheckItem Records': 'the creator and the plan must still be what they were',
    'Query Records': 'the slots that are free',
    'PutItem Secrets': 'what verification reads of the key',
    'BatchGetItem Secrets @standard,supersonic,supertone,sophic': 'the hashes that are there already',
    'Query Secrets @socialcrm': 'the hashes that are there already, by their look-up prefixes',
  },
  UpdateKey: {
    ...CHANGE,
    ...ENTRY,
    'ConditionCheckItem Records': 'the caller must still be what they were when it was decided',
  },
  RevokeKey: {
    ...CHANGE,
    'Query Secrets @sophic': 'a token that ends itself, in every workspace that it knows',
  },
  RevokeKeys: {
    ...CHANGE,
    'Query Records': 'the keys among which it looks for those that meet the filter',
    'BatchGetItem Records': 'the keys of one member',
  },
  RotateKey: {
    ...CHANGE,
    ...ENTRY,
    'ConditionCheckItem Records': 'the caller must still be what they were when it was decided',
    'PutItem Records': 'a request with an Idempotency-Key, and the entry of a new external id',
    'PutItem Secrets': 'the new secret',
  },
  RevokePreviousSecret: {
    ...CHANGE,
    ...ENTRY,
    'ConditionCheckItem Records': 'the caller must still be what they were when it was decided',
  },
  CreateSession: {
    ...EVENT,
    'GetItem Records': 'the workspace and the member, who must be there',
    'ConditionCheckItem Records': 'the member must still be what they were when it was decided',
    'UpdateItem Records': 'the person has the name that the call gives them',
    'PutItem Sessions': 'the link that becomes a session',
  },
  ExchangeSession: {
    ...EVENT,
    'GetItem Records': 'the member, who must still be there',
    'ConditionCheckItem Records': 'the member must still be what they were when it was decided',
    'GetItem Sessions': 'whose link it is',
    'DeleteItem Sessions': 'the link, which works once',
    'PutItem Sessions': 'the session that begins',
  },
  EndSession: { ...EVENT, 'DeleteItem Sessions': 'the session that makes the call' },
  RevokeSessions: {
    ...EVENT,
    'GetItem Records': 'the workspace that the call names must be there',
    'Query Sessions': 'what the user has',
    'GetItem Sessions': 'whether it is in force',
    'DeleteItem Sessions': 'sessions, links and their entries',
  },
  ReadEvents: {
    ...REFUSAL,
    'GetItem Records': 'the workspace, and the membership of the caller',
    'Query Events': 'the log of one workspace or one user, page by page',
  },
  CreateInvitation: {
    ...EVENT,
    'GetItem Records': 'the workspace, the inviter, and an invitation that is there already',
    'PutItem Records': 'the invitation, where its workspace and where its address find it',
    'ConditionCheckItem Records': 'the inviter must still be what they were',
  },
  ReadInvitations: {
    ...REFUSAL,
    'GetItem Records': 'the workspace, and the membership of the caller',
    'Query Records': 'the invitations of a workspace',
  },
  RevokeInvitation: {
    ...EVENT,
    'GetItem Records': 'the invitation, and the membership of the caller',
    'DeleteItem Records': 'the invitation goes from both of its places',
  },
  VerifyKey: {
    'GetItem Secrets': 'an operator is told about a secret, which leaves no trace',
    'Query Secrets @socialcrm': VERIFY['Query Secrets @socialcrm'],
    'BatchGetItem Secrets @sophic': VERIFY['BatchGetItem Secrets @sophic'],
  },
  DescribeCaller: {
    'GetItem Records': 'the memberships of the caller',
    'Query Records': 'the workspaces that they are in',
  },
  Sweeper: {
    ...EVENT,
    'Query Pending': 'the changes that are under way',
    'GetItem Records': 'what is to be finished, as it is now',
    'UpdateItem Records': 'the intent of a change is taken away, and a removed member kept as one who was',
    'Query Records': 'the keys that a change of a role or a plan has to reach',
    'UpdateItem Secrets': 'what verification reads is changed',
    'DeleteItem Records': CHANGE['DeleteItem Records'],
    ...ENTRY,
  },
  IssueToken: only('sophic', {
    ...EVENT,
    'Query Records': 'the workspaces that its user is in, and a free slot among their tokens',
    'BatchGetItem Records': 'their memberships',
    'GetItem Records': 'what an earlier request with the same Idempotency-Key did',
    'PutItem Records': 'the token as people see it',
    'ConditionCheckItem Records': 'no membership may have changed meanwhile',
    'PutItem Secrets': 'what verification reads, one item for each workspace',
  }),
  ReadTokens: only('sophic', {
    ...REFUSAL,
    'Query Records': 'the tokens of a user',
    'BatchGetItem Records': 'their memberships',
    'BatchGetItem Secrets': 'when they were last used',
  }),
  RevokeToken: only('sophic', {
    ...EVENT,
    'GetItem Records': 'the token as it is now',
    'UpdateItem Records': 'when it was revoked',
    'DeleteItem Records': 'its slot among the active tokens of its user',
    'UpdateItem Secrets': 'what verification reads is ended',
    'Query Secrets': 'the workspaces that the token knows',
    'BatchGetItem Secrets': 'when it was last used',
  }),
  Sample: {
    ...only('standard,supersonic,socialcrm,sophic', ROWS),
    ...only('supersonic,socialcrm', {
      'GetItem Secrets': VERIFY['GetItem Secrets'],
      'UpdateItem Secrets': VERIFY['UpdateItem Secrets'],
      'Query Secrets @socialcrm': VERIFY['Query Secrets @socialcrm'],
    }),
  },
  SampleMcp: only('sophic', { ...ROWS, ...verifyByDigest() }),
};

function verifyByDigest() {
  const { 'Query Secrets @socialcrm': _, ...others } = VERIFY;
  return others;
}
