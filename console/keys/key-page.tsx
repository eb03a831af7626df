import { EVERY_ACTIVITY } from '../activity/activity-filter.ts';
import { isHidden } from '../api/problem.ts';
import { useKey, useMemberNames, useScopes } from '../api/queries.ts';
import type { ApiKey } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import { writeRoute } from '../location/route.ts';
import { FirstCall } from '../secret/first-call.tsx';
import { capitalise } from '../text/words.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Fact } from '../ui/fact.tsx';
import { Icon } from '../ui/icon.tsx';
import { Empty, Loading, Problem } from '../ui/notice.tsx';
import { Time } from '../ui/time.tsx';
import { KeyActions } from './key-actions.tsx';
import { Expiry, Maker, ScopeWords, StatusBadge } from './key-cells.tsx';
import { describeNetworks } from './key-draft.ts';
import { NO_FILTER } from './key-filter.ts';
import { rightsOn } from './key-rights.ts';
import { describeStatus, nameOfKey } from './key-words.ts';
import { OldSecret } from './old-secret.tsx';
import { reachesAll } from './scope-choice.ts';

export function KeyPage({ id }: { readonly id: string }) {
  const { config } = useApp();
  const { membership } = useWorkspace();
  const key = useKey(membership.slug, id);
  const back = writeRoute({ view: 'keys', workspace: membership.slug, filter: NO_FILTER });
  return (
    <>
      <a href={back} className="back">
        <Icon name="back" />
        {config.place.at(-1)}
      </a>
      {key.data !== undefined && <KeyDetails apiKey={key.data} />}
      {key.data === undefined && key.isPending && <Loading what="the key" />}
      {key.data === undefined && key.isError && (
        <NoKey fault={key.error} onRetry={() => void key.refetch()} />
      )}
    </>
  );
}

function NoKey({ fault, onRetry }: { readonly fault: unknown; readonly onRetry: () => void }) {
  if (!isHidden(fault)) return <Problem fault={fault} onRetry={onRetry} />;
  return (
    <Empty title="No such key">
      <p>
        There is no key with this id, or your role does not let you see it. Owners and admins see all keys.
      </p>
    </Empty>
  );
}

function KeyDetails({ apiKey }: { readonly apiKey: ApiKey }) {
  const { config } = useApp();
  const { person, membership } = useWorkspace();
  const catalogue = useScopes();
  const members = useMemberNames(membership.slug);
  const { features } = config;
  const rights = rightsOn(apiKey, { person, membership, features });
  const reasons = [...new Set([rights.edit, rights.rotate])].filter((reason) => reason !== null);
  return (
    <>
      <header className="page-head">
        <div>
          <h1 dir="auto">{nameOfKey(apiKey)}</h1>
          <p className="lead">
            <StatusBadge status={apiKey.status} /> {describeStatus(apiKey)}
          </p>
        </div>
        <KeyActions apiKey={apiKey} catalogue={catalogue} shape="page" />
      </header>
      {reasons.length > 0 && <p className="hint reasons">{reasons.join(' ')}</p>}
      <OldSecret apiKey={apiKey} shape="page" />
      <dl className="facts">
        {apiKey.description !== null && (
          <Fact name="Description" shape="wide">
            <span className="long-text" dir="auto">
              {apiKey.description}
            </span>
          </Fact>
        )}
        <Fact name="Begins with">
          <code>{apiKey.start}…</code>
        </Fact>
        {features.scopes && (
          <Fact name="Scopes">
            <ScopeWords scopes={apiKey.scopes} shown={apiKey.scopes.length} />
          </Fact>
        )}
        {apiKey.role !== null && <Fact name="Acts as">{capitalise(apiKey.role)}</Fact>}
        <Fact name="Last used">
          {apiKey.last_used_at === null ? 'Never' : <Time at={apiKey.last_used_at} />}
        </Fact>
        <Fact name="Expires">
          <Expiry of={apiKey} />
        </Fact>
        <Fact name="Networks">
          <Networks of={apiKey.allowed_cidrs} />
        </Fact>
        {features.rate_limits && <Fact name="Rate limit">{describeLimit(apiKey)}</Fact>}
        <Fact name="Created">
          <Time at={apiKey.created_at} />
        </Fact>
        <Fact name="Created by">
          <Maker apiKey={apiKey} members={members} />
        </Fact>
        <Fact name="Key id">
          <span className="key-id">
            <code>{apiKey.id}</code>
            <CopyButton label="Copy id" kind="quiet" read={() => apiKey.id} />
          </span>
        </Fact>
        {reachesAll(membership) && (
          <Fact name="Activity">
            <a
              href={writeRoute({
                view: 'activity',
                workspace: membership.slug,
                filter: { ...EVERY_ACTIVITY, key: apiKey.id },
              })}
            >
              What happened to this key
            </a>
          </Fact>
        )}
      </dl>
      {apiKey.status === 'active' && <FirstCall caller={{ kind: 'key' }} />}
    </>
  );
}

function Networks({ of: networks }: { readonly of: readonly string[] }) {
  if (networks.length === 0) return capitalise(describeNetworks(networks));
  return (
    <ul>
      {networks.map((network) => (
        <li key={network}>
          <code>{network}</code>
        </li>
      ))}
    </ul>
  );
}

function describeLimit({ rate_limit: limit, plan }: ApiKey): string {
  if (limit === null) return plan === null ? 'None' : `As the plan says: ${plan}`;
  return `${limit.limit.toLocaleString('en')} calls in ${limit.window_seconds.toLocaleString('en')} seconds`;
}
