import { type FormEvent, useState } from 'react';
import { useChanged, useInvitations, useMemberNames } from '../api/queries.ts';
import type { Invitation } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import type { RoleName } from '../config.ts';
import { capitalise } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { Choices } from '../ui/choices.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Loading, Problem } from '../ui/notice.tsx';
import { Time } from '../ui/time.tsx';
import { useCall } from '../ui/use-call.ts';
import { fullNameOf } from './member-names.ts';
import { invitableRoles } from './member-rights.ts';

/** The invitations that nobody has accepted yet. */
export function Invitations() {
  const { membership } = useWorkspace();
  const invitations = useInvitations(membership.slug, { enabled: true });
  const all = invitations.data?.pages.flatMap(({ invitations: some }) => some) ?? [];
  return (
    <section className="section" aria-labelledby="invitations">
      <h2 id="invitations">Invitations</h2>
      {invitations.isPending && <Loading what="invitations" />}
      {invitations.isError && (
        <Problem fault={invitations.error} onRetry={() => void invitations.refetch()} />
      )}
      {invitations.isSuccess && all.length === 0 && <p className="hint">Nobody is invited at the moment.</p>}
      {all.length > 0 && (
        <ul className="cards">
          {all.map((invitation) => (
            <InvitationRow key={invitation.id} invitation={invitation} />
          ))}
        </ul>
      )}
      {invitations.hasNextPage && (
        <Button onPress={() => void invitations.fetchNextPage()}>Show more invitations</Button>
      )}
    </section>
  );
}

function InvitationRow({ invitation }: { readonly invitation: Invitation }) {
  const { api } = useApp();
  const { person, membership } = useWorkspace();
  const names = useMemberNames(membership.slug);
  const changed = useChanged('invitations', membership.slug);
  const { isBusy, fault, run } = useCall(() => undefined);
  const takeBack = () =>
    run(async () => {
      await api.invitations.revoke({ workspace: membership.slug, invitation: invitation.id });
      await changed();
      return `The invitation of ${invitation.email} was taken back.`;
    });
  const inviter =
    invitation.invited_by === null
      ? 'The operator'
      : fullNameOf(invitation.invited_by, { ownId: person.user, names });
  return (
    <li className="card">
      <div className="card-text">
        <span className="row-name">{invitation.email}</span>
        <span className="hint">
          {capitalise(invitation.role)} · invited by {inviter} · ends <Time at={invitation.expires_at} />
        </span>
        {fault !== undefined && <Problem fault={fault} />}
      </div>
      <Button
        onPress={takeBack}
        isBusy={isBusy}
        aria-label={`Take the invitation of ${invitation.email} back`}
      >
        Take back
      </Button>
    </li>
  );
}

export function InviteButton() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" icon="plus" onPress={() => setOpen(true)}>
        Invite a member
      </Button>
      {isOpen && <Invite onClose={() => setOpen(false)} />}
    </>
  );
}

const HINTS: Readonly<Record<RoleName, string>> = {
  owner: 'Manages everything, the settings and other owners too.',
  admin: 'Manages everybody’s keys, and members who are no owners.',
  member: 'Manages their own keys.',
};

function Invite({ onClose }: { readonly onClose: () => void }) {
  const { api, config } = useApp();
  const { membership } = useWorkspace();
  const changed = useChanged('invitations', membership.slug);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<RoleName>('member');
  const [problem, setProblem] = useState<string>();
  const { isBusy, fault, run } = useCall(onClose);
  const invite = (event: FormEvent) => {
    event.preventDefault();
    if (!/^\S+@\S+$/.test(email.trim())) return setProblem('Type an e-mail address.');
    setProblem(undefined);
    void run(async () => {
      await api.invitations.create({ workspace: membership.slug, email: email.trim(), role });
      await changed();
      return `${email.trim()} is invited.`;
    });
  };
  return (
    <Dialog title="Invite a member" onClose={onClose} isDismissable={false}>
      <form onSubmit={invite} noValidate>
        <DialogBody>
          <TextField
            label="E-mail address"
            type="email"
            value={email}
            onChange={setEmail}
            problem={problem}
            isRequired
            autoFocus
            hint={`They join this ${config.words.workspace} when they sign in with this address within 14 days. Nobody sends them a mail: tell them.`}
          />
          <Choices
            label="Role"
            shape="list"
            value={role}
            onChange={setRole}
            choices={invitableRoles(membership).map((value) => ({
              value,
              label: capitalise(value),
              hint: HINTS[value],
            }))}
          />
          {fault !== undefined && <Problem fault={fault} />}
        </DialogBody>
        <DialogActions>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={isBusy}>
            Invite
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
