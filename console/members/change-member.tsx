import { useChanged } from '../api/queries.ts';
import type { Member, RemovedMember } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import type { RoleName } from '../config.ts';
import { countOf } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';

export interface ChangeRoleProps {
  readonly member: Member;
  readonly role: RoleName;
  readonly onClose: () => void;
}

/** Asks before a role changes: in some products, keys act with the role of their maker. */
export function ChangeRole({ member, role, onClose }: ChangeRoleProps) {
  const { api, config } = useApp();
  const { membership } = useWorkspace();
  const membersChanged = useChanged('members', membership.slug);
  const callerChanged = useChanged('caller');
  const { isBusy, fault, run } = useCall(onClose);
  const change = () =>
    run(async () => {
      await api.members.put({ workspace: membership.slug, user_id: member.user_id, role });
      await Promise.all([membersChanged(), callerChanged()]);
      return `The role was changed to ${role}.`;
    });
  return (
    <Dialog
      title={`Make this member ${role === 'member' ? 'a plain member' : `an ${role}`}?`}
      size="small"
      onClose={onClose}
    >
      <DialogBody>
        <p>
          <Who member={member} /> is {member.role === 'member' ? 'a plain member' : `an ${member.role}`} now.
        </p>
        {config.features.roles && <p>Their keys act with their role, and follow the change at once.</p>}
        {fault !== undefined && <Problem fault={fault} />}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="primary" onPress={change} isBusy={isBusy} autoFocus>
          Change role
        </Button>
      </DialogActions>
    </Dialog>
  );
}

export interface RemoveMemberProps {
  readonly member: Member;
  readonly onClose: () => void;
}

/** Asks before a member is removed, and says afterwards what became of their keys. */
export function RemoveMember({ member, onClose }: RemoveMemberProps) {
  const { api, config } = useApp();
  const { person, membership } = useWorkspace();
  const membersChanged = useChanged('members', membership.slug);
  const keysChanged = useChanged('keys', membership.slug);
  const callerChanged = useChanged('caller');
  const { isBusy, fault, run } = useCall(onClose);
  const isSelf = member.user_id === person.user;
  const endsKeys = config.features.roles || config.features.personal_access_tokens !== null;
  const remove = () =>
    run(async () => {
      const removed = await api.members.remove({ workspace: membership.slug, user_id: member.user_id });
      await Promise.all([membersChanged(), keysChanged(), callerChanged()]);
      return describeRemoval(removed);
    });
  return (
    <ConfirmDialog
      title={isSelf ? `Leave this ${config.words.workspace}?` : 'Remove this member?'}
      action={isSelf ? 'Leave' : 'Remove member'}
      onConfirm={remove}
      onClose={onClose}
      isBusy={isBusy}
      fault={fault}
    >
      <p>
        <Who member={member} /> can no longer see or change anything here.
      </p>
      <p>
        {endsKeys
          ? 'Their keys here are revoked for good.'
          : 'Their keys keep working: they belong to the workspace. Revoke those that nobody needs.'}
      </p>
    </ConfirmDialog>
  );
}

/** The id stands there too: somebody else may have the same name. */
function Who({ member: { user_id, name } }: { readonly member: Member }) {
  if (name === null) return <code>{user_id}</code>;
  return (
    <>
      <bdi>{name}</bdi> (<code>{user_id}</code>)
    </>
  );
}

function describeRemoval({ revoked, kept }: RemovedMember): string {
  const parts = ['The member was removed.'];
  if (revoked.length > 0) parts.push(`Revoked: ${countOf(revoked.length, 'key')}.`);
  if (kept.length > 0) parts.push(`Still working: ${countOf(kept.length, 'key')}.`);
  return parts.join(' ');
}
