import { useState } from 'react';
import { useMemberNames, useMembers } from '../api/queries.ts';
import type { Member } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import type { RoleName } from '../config.ts';
import { capitalise } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { Loading, Problem } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { Time } from '../ui/time.tsx';
import { ChangeRole, RemoveMember } from './change-member.tsx';
import { Invitations, InviteButton } from './invitations.tsx';
import { fullNameOf } from './member-names.ts';
import { invitableRoles, rightsOver } from './member-rights.ts';
import { RenameMember } from './rename-member.tsx';

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
  | { readonly kind: 'rename' | 'remove'; readonly member: Member };

function MembersTable({ members }: { readonly members: readonly Member[] }) {
  const { person, membership } = useWorkspace();
  const [change, setChange] = useState<Change>();
  const names = useMemberNames(membership.slug);
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
            const called = fullNameOf(member.user_id, { ownId: person.user, names });
            return (
              <tr key={member.user_id}>
                <th scope="row" data-label="Member">
                  <MemberName member={member} isSelf={isSelf} />
                </th>
                <td data-label="Role">
                  {rights.roles.length > 0 ? (
                    <Select
                      label={isSelf ? 'Your role' : `Role of ${called}`}
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
                    {rights.mayRename && (
                      <Button
                        aria-label={isSelf ? 'Rename yourself' : `Rename ${called}`}
                        onPress={() => setChange({ kind: 'rename', member })}
                      >
                        Rename
                      </Button>
                    )}
                    {rights.remove === null ? (
                      <Button
                        aria-label={isSelf ? 'Leave' : `Remove ${called}`}
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
      {change?.kind === 'rename' && <RenameMember member={change.member} onClose={close} />}
      {change?.kind === 'remove' && <RemoveMember member={change.member} onClose={close} />}
    </div>
  );
}

function MemberName({ member, isSelf }: { readonly member: Member; readonly isSelf: boolean }) {
  const { user_id: id, name } = member;
  return (
    <>
      <span className="row-name">
        <bdi title={name ?? id}>{name ?? (isSelf ? 'You' : id)}</bdi>
        {isSelf && name !== null && ' (you)'}
      </span>
      {(isSelf || name !== null) && <code className="person-id">{id}</code>}
    </>
  );
}
