import { useState } from 'react';
import { useEvents, useKeyNames } from '../api/queries.ts';
import type { AuditEvent, EventQuery } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import { reachesAll } from '../keys/scope-choice.ts';
import { Button } from '../ui/button.tsx';
import { Empty, Loading, Problem } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { Time } from '../ui/time.tsx';
import { writeCsv } from './event-csv.ts';
import { changesOf, describeEvent } from './event-sentence.ts';

const KINDS = [
  { value: '', label: 'Everything' },
  { value: 'refused', label: 'Refused calls' },
  { value: 'key.issued', label: 'Keys created' },
  { value: 'key.updated', label: 'Keys changed' },
  { value: 'key.rotated', label: 'Keys rotated' },
  { value: 'key.revoked', label: 'Keys revoked' },
  { value: 'member.added', label: 'Members added' },
  { value: 'member.role_changed', label: 'Roles changed' },
  { value: 'member.removed', label: 'Members removed' },
  { value: 'invitation.created', label: 'Invitations' },
] as const;
type Kind = (typeof KINDS)[number]['value'];

/** The audit log as plain sentences: who did what, from where, with before and after. */
export function ActivityPage() {
  const { membership } = useWorkspace();
  if (!reachesAll(membership))
    return (
      <>
        <h1>Activity</h1>
        <Empty title="For owners and admins">
          <p>The log tells of everybody’s keys, so only owners and admins can read it.</p>
        </Empty>
      </>
    );
  return <Log />;
}

function Log() {
  const { membership } = useWorkspace();
  const [kind, setKind] = useState<Kind>('');
  const query: EventQuery = kind === '' ? {} : kind === 'refused' ? { outcome: 'refused' } : { type: kind };
  const log = useEvents(membership.slug, query);
  const keyNames = useKeyNames(membership.slug);
  const events = log.data?.pages.flatMap(({ events: some }) => some) ?? [];
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Activity</h1>
          <p className="lead">Every change, and every call that was refused to somebody who is known.</p>
        </div>
        <div className="page-actions">
          <Select label="What is shown" value={kind} choices={KINDS} onChange={setKind} />
          <ExportButton query={query} />
        </div>
      </header>
      {log.isPending && <Loading what="the activity" />}
      {log.isError && <Problem fault={log.error} onRetry={() => void log.refetch()} />}
      {log.isSuccess && events.length === 0 && !log.hasNextPage && (
        <Empty title="Nothing here">
          <p>Nothing of this kind has happened yet.</p>
        </Empty>
      )}
      {events.length > 0 && (
        <ol className="cards events">
          {events.map((event) => (
            <EventRow key={event.id} event={event} keyNames={keyNames} />
          ))}
        </ol>
      )}
      {log.hasNextPage && (
        <div className="list-end">
          <Button onPress={() => void log.fetchNextPage()} isBusy={log.isFetchingNextPage}>
            Show earlier activity
          </Button>
        </div>
      )}
    </>
  );
}

interface EventRowProps {
  readonly event: AuditEvent;
  readonly keyNames: ReadonlyMap<string, string>;
}

function EventRow({ event, keyNames }: EventRowProps) {
  const { person } = useWorkspace();
  const changes = event.type === 'key.updated' || event.type.endsWith('changed') ? changesOf(event) : [];
  return (
    <li className="card event">
      <div className="card-text">
        <span dir="auto" className={event.outcome === 'refused' ? 'bad' : ''}>
          {describeEvent(event, { user: person.user, keyNames })}.
        </span>
        {changes.length > 0 && (
          <ul className="changes">
            {changes.map(({ field, before, after }) => (
              <li key={field}>
                {field}: <del>{before}</del> → <ins>{after}</ins>
              </li>
            ))}
          </ul>
        )}
        <span className="hint">
          <Time at={event.at} />
          {event.source_address !== null && ` · from ${event.source_address}`}
          {event.code !== null && ` · ${event.code}`}
        </span>
      </div>
    </li>
  );
}

/** So many events go into one file, the newest; a browser holds them in memory. */
const MOST_EXPORTED = 10_000;

function ExportButton({ query }: { readonly query: EventQuery }) {
  const { api } = useApp();
  const { membership } = useWorkspace();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const download = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      const events: AuditEvent[] = [];
      const log = api.events.listAll({ workspace: membership.slug, ...query, limit: 100 });
      for await (const event of log) if (events.push(event) >= MOST_EXPORTED) break;
      saveFile(`activity-${membership.slug}.csv`, writeCsv(events));
    } catch (refusal) {
      setFault(refusal);
    }
    setBusy(false);
  };
  return (
    <>
      <Button onPress={download} isBusy={isBusy}>
        Export as CSV
      </Button>
      {fault !== undefined && <Problem fault={fault} />}
    </>
  );
}

function saveFile(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
