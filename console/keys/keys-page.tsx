import { useState } from 'react';
import { useActiveKeyCount, useMemberNames, useScopes, useScopesState } from '../api/queries.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import { EMPTY_DRAFT, type KeyDraftLink } from '../location/route.ts';
import { goTo, replaceRoute } from '../location/use-route.ts';
import { countOf } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { Empty, Loading, Notice, Problem } from '../ui/notice.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { CreateKey } from './create-key.tsx';
import { type ExpiringKeys, useExpiringKeys } from './expiring-keys.ts';
import { FilterBar } from './filter-bar.tsx';
import { EXPIRING_DAYS, isFiltering, type KeyFilter, NO_FILTER } from './key-filter.ts';
import { useKeySelection } from './key-selection.ts';
import { KeysTable } from './keys-table.tsx';
import { useMatchingKeys } from './matching-keys.ts';
import { MissingScopes } from './missing-scopes.tsx';
import { reachesAll } from './scope-choice.ts';

export interface KeysPageProps {
  readonly filter: KeyFilter;
  /** What a link fills into the form of a new key; left out where the form is closed. */
  readonly draft?: KeyDraftLink;
}

/** The keys of a workspace: the list, the filters, and the button that creates one. */
export function KeysPage({ filter, draft }: KeysPageProps) {
  const { config } = useApp();
  const { membership } = useWorkspace();
  const { slug } = membership;
  const catalogue = useScopes();
  const members = useMemberNames(slug);
  const list = useMatchingKeys(slug, { filter, members });
  const expiring = useExpiringKeys(slug, { enabled: list.state === 'ready' });
  const selection = useKeySelection(list);
  const [kept, setKept] = useState(filter);
  if (draft === undefined && kept !== filter) setKept(filter);
  const scopes = useScopesState();
  const count = useActiveKeyCount(slug, { enabled: reachesAll(membership) });
  const limit = config.features.max_active_keys;
  const isFull = limit !== null && count !== undefined && count >= limit;
  const create = () => goTo({ view: 'new_key', workspace: slug, draft: EMPTY_DRAFT });
  const isEmpty = list.state === 'ready' && list.keys.length === 0 && !list.hasMore && !isFiltering(filter);
  const closeForm = () => replaceRoute({ view: 'keys', workspace: slug, filter: kept });
  const change = (next: KeyFilter) => replaceRoute({ view: 'keys', workspace: slug, filter: next });
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{config.place.at(-1)}</h1>
          <p className="lead">
            {reachesAll(membership)
              ? `Keys let programs call ${config.product} for this ${config.words.workspace}.`
              : `The keys that you created in this ${config.words.workspace}. Owners and admins see everybody’s.`}
          </p>
        </div>
        <div className="page-actions">
          {limit !== null && count !== undefined && (
            <span className={isFull ? 'count count-full' : 'count'}>
              {count} of {limit} keys
            </span>
          )}
          <Button
            kind="primary"
            icon="plus"
            onPress={create}
            isDisabled={isFull}
            isBusy={draft !== undefined && !scopes.isReady}
          >
            {config.create_label}
          </Button>
        </div>
      </header>
      {isFull && (
        <Notice kind="warning">
          <p>
            This {config.words.workspace} has its {limit} active keys. Revoke one to make room for another.
          </p>
        </Notice>
      )}
      {isEmpty ? (
        <FirstKey />
      ) : (
        <>
          <FilterBar
            filter={draft === undefined ? filter : kept}
            catalogue={catalogue}
            members={members}
            onChange={change}
          />
          {!filter.isExpiring && (
            <ExpiringBanner found={expiring} onShow={() => change({ ...NO_FILTER, isExpiring: true })} />
          )}
          {list.state === 'loading' && <Loading what="keys" />}
          {list.state === 'failed' && <Problem fault={list.fault} onRetry={list.retry} />}
          {list.state === 'ready' && (
            <>
              {list.keys.length > 0 && (
                <KeysTable keys={list.keys} catalogue={catalogue} members={members} selection={selection} />
              )}
              <BulkBar list={list} selection={selection} />
              <ListEnd list={list} onClear={() => change(NO_FILTER)} />
            </>
          )}
        </>
      )}
      {draft !== undefined && scopes.fault !== null && (
        <MissingScopes
          title={config.create_label}
          fault={scopes.fault}
          onRetry={scopes.retry}
          onClose={closeForm}
        />
      )}
      {draft !== undefined && scopes.isReady && (
        <CreateKey link={draft} catalogue={catalogue} onClose={closeForm} />
      )}
    </>
  );
}

interface ExpiringBannerProps {
  readonly found: ExpiringKeys | undefined;
  readonly onShow: () => void;
}

/** Says that keys end soon, while there is time to replace them. */
function ExpiringBanner({ found, onShow }: ExpiringBannerProps) {
  if (found === undefined || found.count === 0) return null;
  const { count, isAll } = found;
  return (
    <div className="banner">
      <Notice kind="warning" action={<Button onPress={onShow}>Show</Button>}>
        <p>
          {isAll ? '' : 'At least '}
          {countOf(count, 'key')} {count === 1 ? 'expires' : 'expire'} within {EXPIRING_DAYS} days. Rotating
          does not make a key last longer: edit when it expires, or create another.
        </p>
      </Notice>
    </div>
  );
}

/** What stands under the list: the way to more, or why there is nothing. */
function ListEnd({
  list,
  onClear,
}: {
  readonly list: ReturnType<typeof useMatchingKeys>;
  readonly onClear: () => void;
}) {
  const through = list.lookedThrough.toLocaleString('en');
  return (
    <div className="list-end">
      {list.fault !== null && <Problem fault={list.fault} onRetry={list.retry} />}
      {list.isLooking && <p role="status">Searching. Looked through {through} keys so far…</p>}
      {!list.isLooking && list.hasMore && list.keys.length > 0 && (
        <Button onPress={list.showMore}>Show more keys</Button>
      )}
      {!list.hasMore && list.keys.length === 0 && (
        <div className="no-match">
          <p>No key matches. Looked through {through}.</p>
          <Button onPress={onClear}>Clear the filters</Button>
        </div>
      )}
    </div>
  );
}

function FirstKey() {
  const { config } = useApp();
  return (
    <Empty title="No keys yet">
      <p>
        A key lets a program call {config.product} in the name of this {config.words.workspace}. Create one
        for each program, so that you can revoke it alone.
      </p>
      <ol className="steps">
        <li>Create a key. You see its secret once.</li>
        <li>Put the secret into an environment variable or a secrets manager.</li>
        <li>Make a first call. This page shows when the key was last used.</li>
      </ol>
    </Empty>
  );
}
