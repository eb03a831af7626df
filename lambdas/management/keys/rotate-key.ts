import * as v from 'valibot';
import { mayRotate } from '../../../core/management/permission.ts';
import { planLimitOf } from '../../../core/management/workspace-store.ts';
import { newId } from '../../environment.ts';
import { conflict } from '../../http/problem.ts';
import { profile } from '../../profile.ts';
import { integer } from '../http/field.ts';
import { flushingHandler } from '../http/flushing-handler.ts';
import { keyView } from '../http/key-view.ts';
import { auditEvent } from '../http/management-handler.ts';
import { readBody } from '../http/request-body.ts';
import { keyStore, workspaceStore } from '../stores.ts';
import { addressedWorkspace, assertChangeable, assertPermitted, issuerOf } from '../workspaces/addressed.ts';
import { rotationShown } from './changed-fields.ts';
import { changedKey } from './changed-key.ts';
import { newKeySecret } from './drawn-secret.ts';

const LONGEST_OVERLAP_SECONDS = 604_800;

const rotateBody = v.strictObject({ overlap_seconds: integer(0, LONGEST_OVERLAP_SECONDS) });

export const handler = flushingHandler(async (call) => {
  const { now } = call;
  const addressed = await addressedWorkspace(workspaceStore, call);
  const { workspace, caller, inForce } = addressed;
  const body = readBody(call.event, rotateBody);
  let secret = '';
  const key = await changedKey(call, addressed, async (before) => {
    const issuer = await issuerOf(workspaceStore, addressed);
    const planLimit = planLimitOf(profile, workspace.plan);
    assertPermitted(mayRotate(profile, caller, { key: before, issuer, planLimit }));
    assertChangeable(before, now);
    // A new one for each attempt: an earlier attempt that was undone has left its own behind, revoked, and a place may be taken.
    const made = await newKeySecret();
    secret = made.text;
    const event = auditEvent(call, 'key.rotated', {
      ...{ workspace: workspace.slug, keyId: before.id },
      ...rotationShown(before, { start: made.secret.start, overlapSeconds: body.overlap_seconds, now }),
    });
    const outcome = await keyStore.rotate({
      key: before,
      changeId: newId('chg'),
      caller: inForce,
      now,
      event,
      secret: made.secret,
      overlapSeconds: body.overlap_seconds,
    });
    if (outcome.kind === 'rotation_in_progress') {
      const detail =
        'Two secrets of this key work already. Wait for the older one to end, or rotate without an overlap.';
      throw conflict('rotation_in_progress', detail);
    }
    return outcome;
  });
  return { status: 200, body: { key: keyView(key, workspace, now), secret } };
});
