import { type FormEvent, useRef, useState } from 'react';
import { describeProblem, isAboutField, isLimitReached } from '../api/problem.ts';
import { useChanged } from '../api/queries.ts';
import type { Scope } from '../api/records.ts';
import { useApp, useNow, useWorkspace } from '../app-context.tsx';
import type { KeyDraftLink } from '../location/route.ts';
import { usePresentSecret } from '../secret/secret-dialog.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { Notice, Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';
import { DraftFields } from './draft-fields.tsx';
import { issueKey, type KeyRequest } from './issue-key.ts';
import { checkDraft, describeDraft, draftOfLink, type KeyDraft, newKeyOf } from './key-draft.ts';
import { newKeyCredential } from './new-key-credential.ts';
import { offerScopes, reachesAll } from './scope-choice.ts';

export interface CreateKeyProps {
  /** What a link has filled in. */
  readonly link: KeyDraftLink;
  readonly catalogue: readonly Scope[];
  readonly onClose: () => void;
}

/** The form of a new key. Its last sentence says what the key will be able to do. */
export function CreateKey({ link, catalogue, onClose }: CreateKeyProps) {
  const { config, api, clock } = useApp();
  const { membership } = useWorkspace();
  const now = useNow();
  const present = usePresentSecret();
  const keysChanged = useChanged('keys', membership.slug);
  const offer = offerScopes(config, { catalogue, role: membership.role });
  const [draft, setDraft] = useState<KeyDraft>(() => {
    const asked = draftOfLink(link, config);
    return {
      ...asked,
      scopes: asked.scopes.filter((name) => offer.scopes.some((scope) => scope.name === name)),
    };
  });
  const [isTried, setTried] = useState(false);
  // As long as the form stays as it is, another press is another try of the same request.
  const asked = useRef<{ readonly draft: KeyDraft; readonly request: KeyRequest }>(undefined);
  const { isBusy, fault, run } = useCall(() => undefined);
  const problems = checkDraft(draft, { features: config.features, now });
  const create = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length > 0) return;
    void run(async () => {
      if (asked.current?.draft !== draft) {
        const body = newKeyOf(draft, { features: config.features, now: clock.now() });
        const request = { workspace: membership.slug, body, idempotencyKey: crypto.randomUUID() };
        asked.current = { draft, request };
      }
      const issued = await issueKey(api, asked.current.request);
      // The form leaves the address first: a step back from the secret must not open it again.
      onClose();
      present(newKeyCredential(issued, api));
      await keysChanged();
      return undefined;
    });
  };
  const { words, features } = config;
  const { max_active_keys: limit } = features;
  const isAboutNetworks = isAboutField(fault, 'allowed_cidrs');
  return (
    <Dialog title={config.create_label} onClose={onClose} isDismissable={false}>
      <form onSubmit={create} noValidate>
        <DialogBody>
          <DraftFields
            draft={draft}
            onChange={setDraft}
            offer={offer}
            problems={isTried ? problems : {}}
            networkProblem={isAboutNetworks ? describeProblem(fault) : undefined}
          />
          {limit !== null && isLimitReached(fault) ? (
            <div role="alert">
              <Notice kind="danger">
                <p>
                  This {words.workspace} has its {limit} active keys. Revoke one
                  {reachesAll(membership) ? '' : ' of yours, or ask an owner or admin to revoke one,'} to make
                  room for another.
                </p>
              </Notice>
            </div>
          ) : (
            fault !== undefined && !isAboutNetworks && <Problem fault={fault} />
          )}
        </DialogBody>
        <DialogActions>
          <p className="summary">
            {describeDraft(draft, { config, now, workspace: membership })}
            {config.features.roles && ` It acts with your role, ${membership.role}.`}
          </p>
          <Button kind="plain" onPress={onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" isBusy={isBusy}>
            {config.create_label}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
