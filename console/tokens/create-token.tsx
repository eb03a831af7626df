import { type FormEvent, useState } from 'react';
import { useChanged } from '../api/queries.ts';
import type { Scope } from '../api/records.ts';
import { useApp, useNow, useWorkspace } from '../app-context.tsx';
import { ROLES, type RoleName } from '../config.ts';
import { ExpiryField } from '../keys/draft-fields.tsx';
import { expiryTime, proposedExpiry } from '../keys/expiry.ts';
import type { ScopeOffer } from '../keys/scope-choice.ts';
import { ScopeField } from '../keys/scope-field.tsx';
import { usePresentSecret } from '../secret/secret-dialog.tsx';
import { formatDay } from '../text/relative-time.ts';
import { capitalise, joinWords } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { Checks, Choices } from '../ui/choices.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';

const ROLE_HINTS: Readonly<Record<RoleName, string>> = {
  owner: 'As much as you may, wherever it is used.',
  admin: 'Never as an owner, also where you are one.',
  member: 'Only what a plain member may.',
};

/** The form of a new token: name, scopes, which workspaces, the highest role, until when. */
export function CreateToken({
  catalogue,
  onClose,
}: {
  readonly catalogue: readonly Scope[];
  readonly onClose: () => void;
}) {
  const { api, config } = useApp();
  const { person, membership } = useWorkspace();
  const now = useNow();
  const present = usePresentSecret();
  const tokensChanged = useChanged('tokens');
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const [reach, setReach] = useState<'all' | 'some'>('all');
  const [slugs, setSlugs] = useState<readonly string[]>([membership.slug]);
  const [role, setRole] = useState<RoleName>('member');
  const [expiry, setExpiry] = useState(() => proposedExpiry(config));
  const [isTried, setTried] = useState(false);
  const { isBusy, fault, run } = useCall(onClose);
  const { workspace, workspaces } = config.words;
  const expiresAt = expiryTime(expiry, now);
  const problems = {
    name: name.trim() === '' ? 'Give the token a name.' : undefined,
    scopes: config.features.scopes_required && scopes.length === 0 ? 'Choose at least one scope.' : undefined,
    slugs: reach === 'some' && slugs.length === 0 ? `Choose at least one ${workspace}.` : undefined,
    expiry: expiresAt === undefined ? 'Pick a day in the future.' : undefined,
  };
  const create = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.values(problems).some((problem) => problem !== undefined)) return;
    void run(async () => {
      const { token, secret } = await api.tokens.issue({
        name: name.trim(),
        scopes,
        role,
        ...(reach === 'some' ? { workspaces: slugs } : {}),
        ...(typeof expiresAt === 'string' ? { expires_at: expiresAt } : {}),
      });
      const readLastUse = async () =>
        (await api.tokens.list({ limit: 100 })).tokens.find(({ id }) => id === token.id)?.last_used_at ??
        null;
      const target = reach === 'all' ? membership.slug : (slugs[0] ?? membership.slug);
      present({ caller: { kind: 'token', workspace: target }, start: token.start, secret, readLastUse });
      await tokensChanged();
      return undefined;
    });
  };
  const shown: Partial<typeof problems> = isTried ? problems : {};
  const where = reach === 'all' ? `in all your ${workspaces}` : `in ${joinWords(slugs) || '…'}`;
  const until =
    expiresAt === null
      ? 'until you revoke it'
      : expiresAt === undefined
        ? '…'
        : `until ${formatDay(expiresAt)}`;
  return (
    <Dialog title="Create a token" onClose={onClose} isDismissable={false}>
      <form onSubmit={create} noValidate>
        <DialogBody>
          <TextField
            label="Name"
            value={name}
            onChange={setName}
            problem={shown.name}
            isRequired
            autoFocus
            hint="So that you know later where it is used."
          />
          <ScopeField
            offer={offerForToken(catalogue, config.read_only_scopes)}
            value={scopes}
            onChange={setScopes}
            problem={shown.scopes}
          />
          <Choices
            label={`Which ${workspaces}`}
            value={reach}
            onChange={setReach}
            choices={[
              { value: 'all', label: `All your ${workspaces}` },
              { value: 'some', label: 'Only these' },
            ]}
          />
          {reach === 'some' && (
            <Checks
              label={capitalise(workspaces)}
              checks={person.workspaces.map(({ slug, name: label, role: own }) => ({
                value: slug,
                label: <span dir="auto">{label}</span>,
                hint: `${slug} · your role is ${own}`,
              }))}
              value={slugs}
              onChange={setSlugs}
              problem={shown.slugs}
            />
          )}
          <Choices
            label="Highest role"
            shape="list"
            value={role}
            onChange={setRole}
            choices={ROLES.map((value) => ({ value, label: capitalise(value), hint: ROLE_HINTS[value] }))}
          />
          <ExpiryField value={expiry} onChange={setExpiry} problem={shown.expiry} />
          {fault !== undefined && <Problem fault={fault} />}
        </DialogBody>
        <DialogActions>
          <p className="summary">
            {name.trim() === '' ? 'This token' : `“${name.trim()}”`} may use {joinWords(scopes) || '…'}{' '}
            {where}, at most as {role}, {until}.
          </p>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={isBusy}>
            Create token
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** A token may name every scope: it is bounded by what its user may do, where and when it is used. */
function offerForToken(catalogue: readonly Scope[], readOnly: readonly string[]): ScopeOffer {
  const presets =
    readOnly.length > 0
      ? (['read_only', 'everything', 'choose'] as const)
      : (['everything', 'choose'] as const);
  return { scopes: catalogue, withheld: [], presets };
}
