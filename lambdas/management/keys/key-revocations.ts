import type { ApiKey } from '../../../core/credential/credential.ts';
import { decisiveFailure, Unavailable, wrapFault } from '../../../core/errors/fault.ts';
import type { KeyFilter } from '../../../core/management/key-filter.ts';
import { requestIdOf } from '../../http/problem.ts';
import { faultEntry } from '../../log/entry.ts';
import { writeEntry } from '../../log/powertools-log.ts';
import type { RevocationOutcome } from '../answers/credential-answers.ts';
import { makeChangeEvent } from '../http/operation.ts';
import { workInParallel } from '../http/parallel-work.ts';
import type { WorkspaceCall } from '../workspaces/resolve-caller.ts';
import type { KeyOptions } from './change-key.ts';
import { findMatchingKeys } from './matching-keys.ts';

export interface RevokeKeysOptions extends KeyOptions {
  /** How long the call may still take. */
  readonly millisecondsLeft: () => number;
}

export interface AskedRevocations {
  readonly isDryRun: boolean;
  readonly filter: KeyFilter;
  /** How many keys one call answers with at the most. */
  readonly limit: number;
  /** The id after which to begin; `undefined` for the newest key. */
  readonly after: string | undefined;
}

/** What became of one key. */
export interface KeyRevocation {
  /** The key as it was found. */
  readonly key: ApiKey;
  readonly outcome: RevocationOutcome;
}

/** What became of the keys, newest first: of every key that meets the filter, as far as the call came. */
export interface Revocations {
  readonly revocations: readonly KeyRevocation[];
  readonly unknownIds: readonly string[];
  /** The id to continue after; `null` when all keys were looked at. */
  readonly next: string | null;
}

/** How many keys are revoked at the same time: enough to be quick, too few to flood the store. */
const REVOKED_AT_ONCE = 16;

/** A key is begun only while there is time to finish it, even if the store is slow. Milliseconds. */
const ENOUGH_MS = 3_000;

/**
 * Revokes the keys that meet a filter, page by page, until all were looked at, the limit is reached or the time is over.
 * @throws what the store throws, but only while nothing was revoked. Afterwards the answer has to say what was done.
 */
export async function revokeMatching(
  options: RevokeKeysOptions,
  call: WorkspaceCall,
  asked: AskedRevocations,
): Promise<Revocations> {
  const { limit, filter } = asked;
  const hasTime = () => options.millisecondsLeft() >= ENOUGH_MS;
  const revocations: KeyRevocation[] = [];
  const unknownIds: string[] = [];
  for (let { after } = asked; ; ) {
    const found = await findMatchingKeys(options, call, { filter, after }).catch((error) => {
      if (after === undefined || after === asked.after) throw error;
      noteFault(call, error);
      return after;
    });
    if (typeof found === 'string') return { revocations, unknownIds, next: found };
    const begun = await revokeInTime(options, call, {
      keys: found.keys.slice(0, limit - revocations.length),
      isDryRun: asked.isDryRun,
      hasTime,
    });
    revocations.push(...begun);
    const isWhole = begun.length === found.keys.length;
    const next = isWhole ? found.next : (begun.at(-1)?.key.id ?? after);
    if (next === undefined) throw new Unavailable('The time was over before the first key was begun.');
    // Ids that come after the place where the call stops are looked at, and named, by the next call.
    unknownIds.push(...found.unknownIds.filter((id) => next === null || id >= next));
    if (next === null || !isWhole || revocations.length === limit || !hasTime())
      return { revocations, unknownIds, next };
    after = next;
  }
}

/** Begins keys in their order, while there is time. @returns those that were begun: the first ones. */
async function revokeInTime(
  options: RevokeKeysOptions,
  call: WorkspaceCall,
  asked: {
    readonly keys: readonly ApiKey[];
    readonly isDryRun: boolean;
    readonly hasTime: () => boolean;
  },
): Promise<readonly KeyRevocation[]> {
  const { keys, isDryRun, hasTime } = asked;
  const failures: unknown[] = [];
  const revokeOne = async (key: ApiKey): Promise<RevocationOutcome> => {
    try {
      return await revoke(options, call, { key, isDryRun });
    } catch (error) {
      failures.push(error);
      return 'failed';
    }
  };
  const revocations = await workInParallel(keys, {
    atOnce: REVOKED_AT_ONCE,
    work: async (key) => (hasTime() ? { key, outcome: await revokeOne(key) } : undefined),
  });
  if (failures.length > 0) {
    const told = `Of ${keys.length} keys, ${failures.length} could not be revoked.`;
    noteFault(call, wrapFault(told, decisiveFailure(failures)));
  }
  return revocations.filter((one) => one !== undefined);
}

async function revoke(
  { keys, ids }: RevokeKeysOptions,
  call: WorkspaceCall,
  { key, isDryRun }: { readonly key: ApiKey; readonly isDryRun: boolean },
): Promise<RevocationOutcome> {
  const { workspace, id } = key;
  if (key.revokedAt !== null) return 'already_revoked';
  // Without its own key the caller could not go on with the next page.
  if (id === call.caller.credentialId) return 'own_key_kept';
  if (isDryRun) return 'would_be_revoked';
  const event = makeChangeEvent(call, { ids, type: 'key.revoked', workspace, keyId: id });
  // A call with many keys takes a while, so each revocation has its own time.
  const asked = { address: { workspace, id }, changeId: ids.newId('chg'), now: event.at, event };
  const outcome = await keys.revoke(asked);
  if (outcome.kind === 'not_found') throw new Error('A key was there, and is gone.');
  return 'revoked';
}

/** The answer says that something failed. The log says why. */
function noteFault({ event }: WorkspaceCall, fault: unknown): void {
  writeEntry(faultEntry(fault), requestIdOf(event.requestContext));
}
