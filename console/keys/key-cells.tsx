import type { ApiKey, KeyStatus } from '../api/records.ts';
import { useApp, useNow } from '../app-context.tsx';
import type { MemberNames } from '../members/member-names.ts';
import { PersonName } from '../members/person-name.tsx';
import { daysUntil } from '../text/relative-time.ts';
import { capitalise } from '../text/words.ts';
import { Time } from '../ui/time.tsx';
import { EXPIRING_DAYS, isOrphaned } from './key-filter.ts';
import { describeScopes } from './scope-choice.ts';

export interface ScopeWordsProps {
  readonly scopes: readonly string[];
  /** How many of them are shown by name. */
  readonly shown: number;
}

export function ScopeWords({ scopes, shown }: ScopeWordsProps) {
  const { config } = useApp();
  if (scopes.length === 0) return <span>{capitalise(describeScopes(scopes, config))}</span>;
  const rest = scopes.slice(shown);
  return (
    <span className="tags">
      {scopes.slice(0, shown).map((scope) => (
        <code key={scope} className="tag">
          {scope}
        </code>
      ))}
      {rest.length > 0 && (
        <span className="quiet" title={rest.join(', ')}>
          +{rest.length} more
        </span>
      )}
    </span>
  );
}

export function Maker({
  apiKey,
  members,
}: {
  readonly apiKey: ApiKey;
  readonly members: MemberNames | undefined;
}) {
  if (apiKey.created_by === null) return <span className="quiet">The operator</span>;
  const hasLeft = isOrphaned(apiKey, members);
  return (
    <span className="maker">
      <PersonName id={apiKey.created_by} names={members} />
      {hasLeft && <span className="badge badge-warning">has left</span>}
    </span>
  );
}

/** When a credential ends; coloured near the end. */
export function Expiry({ of }: { readonly of: Pick<ApiKey, 'expires_at' | 'status'> }) {
  const now = useNow();
  const { expires_at: at, status } = of;
  // It has ended before, and the status says so.
  if (status === 'revoked') return <span className="quiet">–</span>;
  if (at === null) return <span className="quiet">Never</span>;
  const days = daysUntil(at, now);
  return <Time at={at} className={days <= 0 ? 'quiet' : days <= EXPIRING_DAYS ? 'near' : ''} />;
}

export function StatusBadge({ status, title }: { readonly status: KeyStatus; readonly title?: string }) {
  return (
    <span className={`badge badge-${status}`} title={title}>
      {capitalise(status)}
    </span>
  );
}
