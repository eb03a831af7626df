import { useState } from 'react';
import { useScopes, useScopesState, useTokens } from '../api/queries.ts';
import type { Token } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import { Expiry, ScopeWords, StatusBadge } from '../keys/key-cells.tsx';
import { MissingScopes } from '../keys/missing-scopes.tsx';
import { capitalise } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { Empty, Loading, Problem } from '../ui/notice.tsx';
import { Time } from '../ui/time.tsx';
import { CreateToken } from './create-token.tsx';
import { RevokeToken } from './revoke-token.tsx';

/** The personal access tokens of the person who is signed in: they act in that person's name. */
export function TokensPage() {
  const { config, signIn } = useApp();
  const isInSession = signIn.state.kind === 'signed_in' && signIn.state.by === 'session';
  const tokens = useTokens({ enabled: !isInSession });
  const catalogue = useScopes();
  const scopes = useScopesState();
  const [isOpen, setOpen] = useState(false);
  const all = tokens.data?.pages.flatMap(({ tokens: some }) => some) ?? [];
  if (isInSession) return <NotInSession />;
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Personal access tokens</h1>
          <p className="lead">
            A token acts in your name in every {config.words.workspace} that it reaches, and never does more
            than you may there.
          </p>
        </div>
        <div className="page-actions">
          <Button kind="primary" icon="plus" onPress={() => setOpen(true)} isBusy={isOpen && !scopes.isReady}>
            Create a token
          </Button>
        </div>
      </header>
      {tokens.isPending && <Loading what="tokens" />}
      {tokens.isError && <Problem fault={tokens.error} onRetry={() => void tokens.refetch()} />}
      {tokens.isSuccess && all.length === 0 && (
        <Empty title="No tokens yet">
          <p>
            Create a token for a program that works in your name, in one {config.words.workspace} or in
            several.
          </p>
        </Empty>
      )}
      {all.length > 0 && <TokensTable tokens={all} />}
      {tokens.hasNextPage && (
        <div className="list-end">
          <Button onPress={() => void tokens.fetchNextPage()}>Show more tokens</Button>
        </div>
      )}
      {isOpen && scopes.fault !== null && (
        <MissingScopes
          title="Create a token"
          fault={scopes.fault}
          onRetry={scopes.retry}
          onClose={() => setOpen(false)}
        />
      )}
      {isOpen && scopes.isReady && <CreateToken catalogue={catalogue} onClose={() => setOpen(false)} />}
    </>
  );
}

function NotInSession() {
  const { config } = useApp();
  return (
    <>
      <header className="page-head">
        <h1>Personal access tokens</h1>
      </header>
      <Empty title="Tokens need a sign-in of your own">
        <p>
          {config.product} has opened this page for you, for a short time. A token would outlive that. Sign in
          to this page yourself to create one.
        </p>
      </Empty>
    </>
  );
}

const SHOWN_SCOPES = 3;

function TokensTable({ tokens }: { readonly tokens: readonly Token[] }) {
  const { config } = useApp();
  const { person } = useWorkspace();
  const [revoked, setRevoked] = useState<Token>();
  const describe = (slugs: readonly string[] | null) =>
    slugs === null
      ? `All your ${config.words.workspaces}`
      : slugs.map((slug) => person.workspaces.find((one) => one.slug === slug)?.name ?? slug).join(', ');
  return (
    <div className="table-box">
      <table className="rows">
        <caption className="visually-hidden">Your tokens, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Scopes</th>
            <th scope="col">{capitalise(config.words.workspaces)}</th>
            <th scope="col">At most as</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">Status</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id} data-status={token.status}>
              <th scope="row" data-label="Name">
                <span className="row-name" dir="auto">
                  {token.name}
                </span>
                <code className="start">{token.start}…</code>
              </th>
              <td data-label="Scopes">
                <ScopeWords scopes={token.scopes} shown={SHOWN_SCOPES} />
              </td>
              <td data-label={capitalise(config.words.workspaces)}>{describe(token.workspaces)}</td>
              <td data-label="At most as">{capitalise(token.role)}</td>
              <td data-label="Last used">
                {token.last_used_at === null ? (
                  <span className="quiet">Never</span>
                ) : (
                  <Time at={token.last_used_at} />
                )}
              </td>
              <td data-label="Expires">
                <Expiry of={token} />
              </td>
              <td data-label="Status">
                <StatusBadge status={token.status} />
              </td>
              <td className="cell-actions">
                <div className="actions">
                  {token.status !== 'revoked' && (
                    <Button aria-label={`Revoke ${token.name}`} onPress={() => setRevoked(token)}>
                      Revoke
                    </Button>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {revoked !== undefined && <RevokeToken token={revoked} onClose={() => setRevoked(undefined)} />}
    </div>
  );
}
