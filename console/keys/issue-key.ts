import type { Client } from '../../client/index.ts';
import { madeIdOf } from '../api/problem.ts';
import type { IssuedKey, NewKey } from '../api/records.ts';

export interface KeyRequest {
  readonly workspace: string;
  readonly body: NewKey;
  /** The same for every try of one form, so that they make one key. */
  readonly idempotencyKey: string;
}

/**
 * Creates a key. An earlier try may have made it, though its answer was lost on the way: then nobody has seen its secret, and the
 * key gets another one.
 */
export async function issueKey(
  { keys }: Pick<Client, 'keys'>,
  { workspace, body, idempotencyKey }: KeyRequest,
): Promise<IssuedKey> {
  try {
    return await keys.issue({ workspace, ...body }, { idempotencyKey });
  } catch (fault) {
    const key = madeIdOf(fault);
    if (key === null) throw fault;
    return keys.rotate({ workspace, key, overlap_seconds: 0 });
  }
}
