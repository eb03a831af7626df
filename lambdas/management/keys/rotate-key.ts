import * as v from 'valibot';
import type { RequestStore } from '../../../core/management/idempotency.ts';
import { mayRotate } from '../../../core/management/permission.ts';
import { planLimitOf } from '../../../core/management/workspace-store.ts';
import { conflict } from '../../http/problem.ts';
import type { NewKeyAnswer } from '../answers/credential-answers.ts';
import { integerField } from '../http/field.ts';
import { answerOnce, type Once } from '../http/idempotency.ts';
import { makeChangeEvent, type Operation } from '../http/operation.ts';
import { assertPermitted } from '../http/refusal.ts';
import { readBody } from '../http/request-body.ts';
import { resolveWorkspaceCall, type WorkspaceCall } from '../workspaces/resolve-caller.ts';
import {
  assertChangeable,
  changeKey,
  type DrawSecret,
  issuerOf,
  type KeyOptions,
  keyIdOf,
} from './change-key.ts';
import { keyView, rotationView } from './read-keys.ts';

/** A week. */
const LONGEST_OVERLAP_SECONDS = 604_800;

export const rotateBody = v.strictObject({ overlap_seconds: integerField(0, LONGEST_OVERLAP_SECONDS) });

export interface RotateOptions extends KeyOptions {
  readonly requests: RequestStore;
  readonly drawSecret: DrawSecret;
}

export function rotateKeyOperation(options: RotateOptions): Operation {
  const { profile, keys, requests, ids, drawSecret } = options;
  // A rotation that was left half done is undone, and its request forgotten.
  const settle = (call: WorkspaceCall) =>
    keys.finishPendingChange({ workspace: call.workspace.slug, id: keyIdOf(call) });
  const rotateOnce = answerOnce({ requests, settle }, async (call: Once<WorkspaceCall>) => {
    const { workspace, caller, inForce, now } = call;
    const { overlap_seconds: overlapSeconds } = readBody(call.event, rotateBody);
    let secretText = '';
    const key = await changeKey(options, call, async (before) => {
      const issuer = await issuerOf(options, call);
      const planLimit = planLimitOf(profile, workspace.plan);
      assertPermitted(mayRotate(profile, caller, { key: before, issuer, planLimit }));
      assertChangeable(before, now);
      // Every attempt draws a new secret. That of an undone attempt stays in the table, revoked, and its slot may be taken.
      const { text, secret } = await drawSecret();
      secretText = text;
      const outcome = await keys.rotate({
        key: before,
        secret,
        overlapSeconds,
        changeId: ids.newId('chg'),
        caller: inForce,
        now,
        request: call.request,
        event: makeChangeEvent(call, {
          ids,
          type: 'key.rotated',
          workspace: workspace.slug,
          keyId: before.id,
          ...rotationView(before, { start: secret.start, overlapSeconds, now }),
        }),
      });
      if (outcome.kind === 'rotation_in_progress') throw conflict('rotation_in_progress', TWO_SECRETS);
      return outcome;
    });
    const body: NewKeyAnswer = { key: keyView(key, { profile, workspace, now }), secret: secretText };
    return { status: 200, body };
  });
  return resolveWorkspaceCall(options, rotateOnce);
}

const TWO_SECRETS =
  'Two secrets of this key work already. Wait for the older one to end, or rotate without an overlap.';
