import { useDeferredValue } from 'react';
import type { ApiKey, Scope } from '../api/records.ts';
import { useApp } from '../app-context.tsx';
import { writeRoute } from '../location/route.ts';
import type { MemberNames } from '../members/member-names.ts';
import { Time } from '../ui/time.tsx';
import { KeyActions } from './key-actions.tsx';
import { Expiry, Maker, ScopeWords, StatusBadge } from './key-cells.tsx';
import { isSelectable, type KeySelection } from './key-selection.ts';
import { describeStatus, nameOfKey } from './key-words.ts';
import { OldSecret } from './old-secret.tsx';

export interface KeysTableProps {
  readonly keys: readonly ApiKey[];
  readonly catalogue: readonly Scope[];
  readonly members: MemberNames | undefined;
  readonly selection: KeySelection;
}

export function KeysTable({ keys, catalogue, members, selection }: KeysTableProps) {
  const { config } = useApp();
  const { features } = config;
  const drawn = useDeferredValue(keys, keys.slice(0, FIRST_ROWS));
  return (
    <div className="table-box">
      <table className="rows">
        <caption className="visually-hidden">Keys, newest first</caption>
        <thead>
          <tr>
            <th scope="col" className="cell-tick">
              <TickAll keys={keys} selection={selection} />
            </th>
            <th scope="col">Name</th>
            {features.scopes && <th scope="col">Scopes</th>}
            <th scope="col">Created by</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">Status</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {drawn.map((key) => (
            <tr key={key.id} data-status={key.status}>
              <td className="cell-tick">
                {isSelectable(key) && (
                  <input
                    type="checkbox"
                    checked={selection.has(key.id)}
                    onChange={(event) => selection.tick([key.id], event.target.checked)}
                    aria-label={`Select ${nameOfKey(key)}`}
                  />
                )}
              </td>
              <th scope="row" data-label="Name">
                <a
                  href={writeRoute({ view: 'key', workspace: key.workspace, key: key.id })}
                  className="key-name"
                  title={nameOfKey(key)}
                  dir="auto"
                >
                  {nameOfKey(key)}
                </a>
                {key.name !== null && <code className="start">{key.start}…</code>}
                <OldSecret apiKey={key} shape="row" />
              </th>
              {features.scopes && (
                <td data-label="Scopes" className="cell-scopes">
                  <ScopeWords scopes={key.scopes} shown={SHOWN_SCOPES} />
                </td>
              )}
              <td data-label="Created by">
                <Maker apiKey={key} members={members} />
              </td>
              <td data-label="Last used">
                {key.last_used_at === null ? (
                  <span className="quiet">Never</span>
                ) : (
                  <Time at={key.last_used_at} />
                )}
              </td>
              <td data-label="Expires">
                <Expiry of={key} />
              </td>
              <td data-label="Status">
                <StatusBadge status={key.status} title={describeStatus(key)} />
              </td>
              <td className="cell-actions">
                <KeyActions apiKey={key} catalogue={catalogue} shape="row" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const SHOWN_SCOPES = 3;
/** As many rows as a window shows. They can be used while the page still draws the rest. */
const FIRST_ROWS = 15;

/** Ticks all keys that are shown, or none of them. */
function TickAll({ keys, selection }: Pick<KeysTableProps, 'keys' | 'selection'>) {
  const ids = keys.filter(isSelectable).map(({ id }) => id);
  const isTicked = ids.length > 0 && ids.every((id) => selection.has(id));
  return (
    <input
      type="checkbox"
      checked={isTicked}
      disabled={ids.length === 0}
      onChange={(event) => selection.tick(ids, event.target.checked)}
      aria-label="Select all that are shown"
    />
  );
}
