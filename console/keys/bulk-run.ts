import type { Client } from '../../client/index.ts';
import { describeProblem } from '../api/problem.ts';
import type { ApiKey } from '../api/records.ts';

export type BulkAction = 'disable' | 'revoke';

/** What became of each key that was reached, by its id: a few words. */
export type Outcomes = ReadonlyMap<string, string>;

export interface BulkRun {
  readonly action: BulkAction;
  readonly keys: readonly ApiKey[];
  /** Is told the outcomes so far, after every step. */
  readonly onProgress: (outcomes: Outcomes) => void;
  /** Asked before every step: whether the person wants no more of them. */
  readonly isStopped: () => boolean;
}

/**
 * Ends many keys, step by step. A refusal of one key does not stop the next.
 * @throws what a step has failed with. The outcomes before it have been told.
 */
export async function runBulk(api: Client, run: BulkRun): Promise<void> {
  if (run.action === 'revoke') await revokeAll(api, run);
  else await disableAll(api, run);
}

const REVOCATION_WORDS: Readonly<Record<string, string>> = {
  revoked: 'Revoked',
  already_revoked: 'Was revoked already',
  failed: 'Could not be revoked. Try again',
};

/** So many keys are revoked before the person is told, and may stop. */
const STEP = 100;

async function revokeAll(api: Client, { keys, onProgress, isStopped }: BulkRun): Promise<void> {
  const workspace = keys[0]?.workspace ?? '';
  const ids = keys.map(({ id }) => id);
  const outcomes = new Map<string, string>();
  let cursor: string | undefined;
  do {
    if (isStopped()) return;
    const answer = await api.keys.revokeMany({ workspace, ids, dry_run: false, limit: STEP, cursor });
    for (const { id, outcome } of answer.keys) outcomes.set(id, REVOCATION_WORDS[outcome] ?? outcome);
    for (const id of answer.unknown_ids) outcomes.set(id, 'You may not revoke it');
    onProgress(new Map(outcomes));
    cursor = answer.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

async function disableAll(api: Client, { keys, onProgress, isStopped }: BulkRun): Promise<void> {
  const outcomes = new Map<string, string>();
  for (const { workspace, id } of keys) {
    if (isStopped()) return;
    const outcome = await api.keys.update({ workspace, key: id, enabled: false }).then(
      () => 'Disabled',
      (fault: unknown) => describeProblem(fault),
    );
    outcomes.set(id, outcome);
    onProgress(new Map(outcomes));
  }
}
