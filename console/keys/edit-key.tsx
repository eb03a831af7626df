import { type FormEvent, useState } from 'react';
import { useChanged } from '../api/queries.ts';
import type { ApiKey, Scope } from '../api/records.ts';
import { useApp, useNow, useWorkspace } from '../app-context.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';
import { DraftFields } from './draft-fields.tsx';
import {
  changeOf,
  checkDraft,
  type Difference,
  describeChange,
  draftOfKey,
  type KeyDraft,
} from './key-draft.ts';
import { nameOfKey } from './key-words.ts';
import { offerScopes } from './scope-choice.ts';

export interface EditKeyProps {
  readonly apiKey: ApiKey;
  readonly catalogue: readonly Scope[];
  readonly onClose: () => void;
}

/** Changes a key in place. What will be different stands below the form, with before and after. */
export function EditKey({ apiKey, catalogue, onClose }: EditKeyProps) {
  const { config, api } = useApp();
  const { membership } = useWorkspace();
  const now = useNow();
  const keysChanged = useChanged('keys', apiKey.workspace);
  const [draft, setDraft] = useState<KeyDraft>(() => draftOfKey(apiKey));
  const [isTried, setTried] = useState(false);
  const { isBusy, fault, run } = useCall(onClose);
  const problems = checkDraft(draft, { features: config.features, now });
  const change = changeOf(apiKey, draft, now);
  const isSame = Object.keys(change).length === 0;
  const save = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (isSame || Object.keys(problems).length > 0) return;
    void run(async () => {
      await api.keys.update({ workspace: apiKey.workspace, key: apiKey.id, ...change });
      await keysChanged();
      return `${nameOfKey(apiKey)} was changed. The change is in force.`;
    });
  };
  return (
    <Dialog title={`Edit ${nameOfKey(apiKey)}`} onClose={onClose} isDismissable={false}>
      <form onSubmit={save} noValidate>
        <DialogBody>
          <DraftFields
            draft={draft}
            onChange={setDraft}
            offer={offerScopes(config, { catalogue, role: membership.role })}
            problems={isTried ? problems : {}}
          />
          {fault !== undefined && <Problem fault={fault} />}
        </DialogBody>
        <DialogActions>
          {!isSame && <Differences rows={describeChange(apiKey, change, config)} />}
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={isBusy} isDisabled={isSame}>
            Save changes
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

export function Differences({ rows }: { readonly rows: readonly Difference[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard.
    <div className="differences-box" tabIndex={0}>
      <table className="differences">
        <caption>What changes</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ field, before, after }) => (
            <tr key={field}>
              <th scope="row" className="difference-field">
                {field}
              </th>
              <td className="difference-before">{before}</td>
              <td className="difference-after">{after}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
