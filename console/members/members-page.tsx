import { useState } from 'react';
import { useMembers } from '../api/queries.ts';
import type { Member } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import type { RoleName } from '../config.ts';
import { nameOfUser } from '../keys/key-words.ts';
import { capitalise } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { Loading, Problem } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { Time } from '../ui/time.tsx';
import { ChangeRole, RemoveMember } from './change-member.tsx';
import { Invitations, InviteButton } from './invitations.tsx';
import { invitableRoles, rightsOver } from './member-rights.ts';

/** Who is in the workspace, with which role, and who is invited. */
export function MembersPage() {
  const { config } = useApp();
  const { membership } = useWorkspace();
  const members = useMembers(membership.slug);
  const mayChange = invitableRoles(membership).length > 0;
  const mayInvite = mayChange && config.features.invitations;
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Members</h1>
          <p className="lead">
            Members sign in to this page. Owners manage everything, admins everything but owners and settings,
            and members their own keys.
          </p>
        </div>
        <div className="page-actions">{mayInvite && <InviteButton />}</div>
      </header>
      {!mayInvite && (
        <p className="hint reasons">
          {mayChange
            ? `${config.product} adds members: nobody is invited here.`
            : `Only owners and admins of the ${config.words.workspace} invite and change members.`}
        </p>
      )}
      {members.data !== undefined && <MembersTable members={members.data} />}
      {members.data === undefined && members.isPending && <Loading what="members" />}
      {members.data === undefined && members.isError && (
        <Problem fault={members.error} onRetry={() => void members.refetch()} />
      )}
      {mayInvite && <Invitations />}
    </>
  );
}

type Change =
  | { readonly kind: 'role'; readonly member: Member; readonly role: RoleName }
  | { readonly kind: 'remove'; readonly member: Member };

function MembersTable({ members }: { readonly members: readonly Member[] }) {
  const { person, membership } = useWorkspace();
  const [change, setChange] = useState<Change>();
  const owners = members.filter(({ role }) => role === 'owner').length;
  const close = () => setChange(undefined);
  return (
    <div className="table-box">
      <table className="rows">
        <caption className="visually-hidden">Members</caption>
        <thead>
          <tr>
            <th scope="col">Member</th>
            <th scope="col">Role</th>
            <th scope="col">Joined</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => {
            const isLastOwner = member.role === 'owner' && owners === 1;
            const rights = rightsOver(member, { person, membership, isLastOwner });
            const isSelf = member.user_id === person.user;
            return (
              <tr key={member.user_id}>
                <th scope="row" data-label="Member">
                  <span className="row-name">{nameOfUser(member.user_id, person.user)}</span>
                  {isSelf && <code className="start">{member.user_id}</code>}
                </th>
                <td data-label="Role">
                  {rights.roles.length > 0 ? (
                    <Select
                      label={`Role of ${member.user_id}`}
                      value={member.role}
                      choices={rights.roles.map((role) => ({ value: role, label: capitalise(role) }))}
                      onChange={(role) => setChange({ kind: 'role', member, role })}
                    />
                  ) : (
                    capitalise(member.role)
                  )}
                </td>
                <td data-label="Joined">
                  <Time at={member.created_at} />
                </td>
                <td className="cell-actions">
                  <div className="actions">
                    {rights.remove === null ? (
                      <Button
                        aria-label={isSelf ? 'Leave' : `Remove ${member.user_id}`}
                        onPress={() => setChange({ kind: 'remove', member })}
                      >
                        {isSelf ? 'Leave' : 'Remove'}
                      </Button>
                    ) : (
                      <span className="hint">{rights.remove}</span>
                    )}
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {change?.kind === 'role' && <ChangeRole member={change.member} role={change.role} onClose={close} />}
      {change?.kind === 'remove' && <RemoveMember member={change.member} onClose={close} />}
    </div>
  );
}
