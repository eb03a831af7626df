import type { IncomingMessage } from 'node:http';
import type { Log } from '../log.ts';
import type { CallRecord } from './call-record.ts';
import { allows, type RoleStatement } from './role.ts';

/** Who calls. The run gave each function an access key id, which stands for its role. */
export interface FunctionCaller {
  readonly functionId: string;
  readonly roleName: string;
  readonly functionName: string;
  readonly statements: readonly RoleStatement[];
}

export interface IamAction {
  readonly action: string;
  readonly resource: string;
}

/** @returns undefined if the run did not issue the credentials that signed the request. */
export function callerOf(
  { headers }: IncomingMessage,
  callers: ReadonlyMap<string, FunctionCaller>,
): FunctionCaller | undefined {
  return callers.get(/Credential=([^/]+)\//.exec(String(headers.authorization))?.[1] ?? '');
}

export interface Judgement {
  readonly account: string;
  readonly record: CallRecord;
  readonly log: Log;
  /** The name of the called service, for the log. */
  readonly source: string;
}

/**
 * Records a call, and allows or denies it as IAM would.
 * @returns why the call is denied, or undefined if the role allows every part of it.
 */
export function judgeCall(
  { functionId, statements, roleName, functionName }: FunctionCaller,
  needed: readonly IamAction[],
  { account, record, log, source }: Judgement,
): string | undefined {
  let denied: IamAction | undefined;
  for (const { action, resource } of needed) {
    const allowed = allows(statements, action, resource) && resource.startsWith('arn:');
    record.add({ functionId, action, resource, allowed, at: new Date() });
    if (!allowed) denied ??= { action, resource };
  }
  if (!denied) return undefined;
  const principal = `arn:aws:sts::${account}:assumed-role/${roleName}/${functionName}`;
  const text = `User: ${principal} is not authorized to perform: ${denied.action} on resource: ${denied.resource} because no identity-based policy allows the ${denied.action} action`;
  log({ source, text: `${functionId}: ${text}`, at: new Date() });
  return text;
}
