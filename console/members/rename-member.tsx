import { type FormEvent, useState } from 'react';
import { useChanged } from '../api/queries.ts';
import type { Member } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';

export interface RenameMemberProps {
  readonly member: Member;
  readonly onClose: () => void;
}

/** Asks for what the workspace calls a member. It leaves their role out: somebody may have changed it meanwhile. */
export function RenameMember({ member, onClose }: RenameMemberProps) {
  const { api, config } = useApp();
  const { person, membership } = useWorkspace();
  const membersChanged = useChanged('members', membership.slug);
  const callerChanged = useChanged('caller');
  const [name, setName] = useState(member.name ?? '');
  const { isBusy, fault, run } = useCall(onClose);
  const rename = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await api.members.put({ workspace: membership.slug, user_id: member.user_id, name: name.trim() });
      await Promise.all([membersChanged(), callerChanged()]);
      return 'The name was changed.';
    });
  };
  return (
    <Dialog
      title={member.user_id === person.user ? 'Your name' : 'Name of this member'}
      size="small"
      onClose={onClose}
      isDismissable={false}
    >
      <form onSubmit={rename} noValidate>
        <DialogBody>
          <TextField
            label="Name"
            value={name}
            onChange={setName}
            isOptional
            autoFocus
            hint={`Every member of this ${config.words.workspace} sees it beside the id. Without a name they see the id alone.`}
          />
          <p>
            Id: <code className="id">{member.user_id}</code>
          </p>
          {fault !== undefined && <Problem fault={fault} />}
        </DialogBody>
        <DialogActions>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={isBusy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
