import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useChanged } from '../api/queries.ts';
import type { Workspace } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import { capitalise } from '../text/words.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Fact } from '../ui/fact.tsx';
import { TextField } from '../ui/field.tsx';
import { Loading, Problem } from '../ui/notice.tsx';
import { Time } from '../ui/time.tsx';

/** What the workspace is called; its owners rename it. */
export function SettingsPage() {
  const { api, config } = useApp();
  const { membership } = useWorkspace();
  const workspace = useQuery({
    queryKey: ['workspace', membership.slug],
    queryFn: () => api.workspaces.get({ workspace: membership.slug }),
  });
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Settings</h1>
          <p className="lead">How this {config.words.workspace} is called, and what it has.</p>
        </div>
      </header>
      {workspace.data !== undefined && <WorkspaceDetails workspace={workspace.data} />}
      {workspace.data === undefined && workspace.isPending && <Loading what="the settings" />}
      {workspace.data === undefined && workspace.isError && (
        <Problem fault={workspace.error} onRetry={() => void workspace.refetch()} />
      )}
    </>
  );
}

function WorkspaceDetails({ workspace }: { readonly workspace: Workspace }) {
  const { config } = useApp();
  const { membership } = useWorkspace();
  const word = capitalise(config.words.workspace);
  return (
    <>
      <dl className="facts">
        <Fact name={`${word} id`}>
          <code>{workspace.slug}</code>
        </Fact>
        {workspace.plan !== null && <Fact name="Plan">{capitalise(workspace.plan)}</Fact>}
        <Fact name="Created">
          <Time at={workspace.created_at} />
        </Fact>
        <Fact name="Your role">{capitalise(membership.role)}</Fact>
      </dl>
      {membership.role === 'owner' ? (
        <Rename workspace={workspace} />
      ) : (
        <p className="hint">Only an owner can rename the {config.words.workspace}.</p>
      )}
    </>
  );
}

function Rename({ workspace }: { readonly workspace: Workspace }) {
  const { api } = useApp();
  const announce = useAnnounce();
  const workspaceChanged = useChanged('workspace', workspace.slug);
  const callerChanged = useChanged('caller');
  const [name, setName] = useState(workspace.name);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const isSame = name.trim() === workspace.name || name.trim() === '';
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (isSame || isBusy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await api.workspaces.update({ workspace: workspace.slug, name: name.trim() });
      await Promise.all([workspaceChanged(), callerChanged()]);
      announce('The name was changed.');
    } catch (refusal) {
      setFault(refusal);
    }
    setBusy(false);
  };
  return (
    <form className="panel" onSubmit={save} noValidate>
      <TextField label="Name" value={name} onChange={setName} maxLength={200} />
      {fault !== undefined && <Problem fault={fault} />}
      <div className="panel-actions">
        <Button kind="primary" type="submit" isBusy={isBusy} isDisabled={isSame}>
          Save
        </Button>
      </div>
    </form>
  );
}
