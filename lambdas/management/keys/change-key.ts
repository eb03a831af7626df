import { type ApiKey, statusOf } from '../../../core/credential/credential.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import type { NewSecret } from '../../../core/credential/secret.ts';
import { Contended } from '../../../core/errors/fault.ts';
import type { Creator } from '../../../core/management/caller.ts';
import type { ChangeOutcome, KeyStore } from '../../../core/management/key-store.ts';
import { roleOf, type WorkspaceStore } from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { conflict } from '../../http/problem.ts';
import { type Ids, type ManagementCall, pathParameter } from '../http/operation.ts';
import { noSuch } from '../http/refusal.ts';
import { callerEndedError, type WorkspaceCall } from '../workspaces/resolve-caller.ts';

/** What the operations on keys are given. */
export interface KeyOptions {
  readonly profile: Profile;
  readonly keys: KeyStore;
  readonly workspaces: Pick<WorkspaceStore, 'get' | 'getMember'>;
  readonly ids: Ids;
}

/** Draws a secret for one of the product's keys. `text` is shown once and kept nowhere. */
export type DrawSecret = () => Promise<{ readonly text: string; readonly secret: NewSecret }>;

/**
 * The id of the key in the path. A text that cannot be an id is not looked up: the store does not take texts of any length.
 * @throws {ProblemError} 404.
 */
export function keyIdOf(call: ManagementCall): string {
  const id = pathParameter(call, 'key');
  if (!isIdentifier('key', id)) throw noSuch('key');
  return id;
}

/**
 * Decides a change on the newest state of the key in the path, and writes it only if the key is still in that state. A refusal
 * is decided on a current state too.
 * @param change decides, and asks the store for the change.
 * @throws {ProblemError} 404 when there is no such key, 401 when the key that calls has ended.
 * @throws {Contended} when the key or the caller changed in between.
 */
export async function changeKey(
  { profile, keys }: Pick<KeyOptions, 'profile' | 'keys'>,
  call: WorkspaceCall,
  change: (key: ApiKey) => Promise<ChangeOutcome>,
): Promise<ApiKey> {
  const found = await keys.finishPendingChange({ workspace: call.workspace.slug, id: keyIdOf(call) });
  if (found.kind === 'not_found') throw noSuch('key');
  const outcome = await change(found.key);
  if (outcome.kind === 'changed') return outcome.key;
  if (outcome.kind === 'caller_ended') throw callerEndedError(call, profile);
  throw new Contended('The key was changed in between.');
}

/** @throws {ProblemError} 409 for a key that has ended: it can no longer be changed. */
export function assertChangeable(key: ApiKey, now: number): void {
  const status = statusOf(key, now);
  if (status === 'revoked') throw conflict('key_revoked', 'The key was revoked and cannot be changed.');
  if (status === 'expired') throw conflict('key_expired', 'The key has expired and cannot be changed.');
}

/** What a key's creator is now: a key that calls has no more rights than they have, and they may have lost some. */
export async function issuerOf(
  { workspaces }: Pick<KeyOptions, 'workspaces'>,
  { caller, workspace }: WorkspaceCall,
): Promise<Creator> {
  if (caller.kind !== 'api_key') return 'nobody';
  return creatorOf({ workspaces }, { workspace: workspace.slug, createdBy: caller.user });
}

/** What the creator of a key is now in its workspace. */
export async function creatorOf(
  { workspaces }: Pick<KeyOptions, 'workspaces'>,
  { workspace, createdBy }: Pick<ApiKey, 'workspace' | 'createdBy'>,
): Promise<Creator> {
  if (createdBy === null) return 'nobody';
  const member = await workspaces.getMember(workspace, createdBy);
  return member ? roleOf(member) : 'gone';
}
