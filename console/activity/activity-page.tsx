import { useEvents, useKeyNames, useMemberNames } from '../api/queries.ts';
import type { AuditEvent } from '../api/records.ts';
import { useWorkspace } from '../app-context.tsx';
import { reachesAll } from '../keys/scope-choice.ts';
import { writeRoute } from '../location/route.ts';
import { replaceRoute } from '../location/use-route.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Empty, Loading, Problem } from '../ui/notice.tsx';
import { Time } from '../ui/time.tsx';
import { type ActivityFilter, EVERY_ACTIVITY, eventQueryOf, isNarrowed } from './activity-filter.ts';
import { ActivityFilterBar } from './activity-filter-bar.tsx';
import { changesOf, describeEvent, identifyPeople } from './event-sentence.ts';
import { ExportButton } from './export-button.tsx';

/** The audit log as plain sentences: who did what, from where, with before and after. */
export function ActivityPage({ filter }: { readonly filter: ActivityFilter }) {
  const { membership } = useWorkspace();
  if (!reachesAll(membership))
    return (
      <>
        <header className="page-head">
          <h1>Activity</h1>
        </header>
        <Empty title="For owners and admins">
          <p>The log tells of everybody’s keys, so only owners and admins can read it.</p>
        </Empty>
      </>
    );
  return <Log filter={filter} />;
}

function Log({ filter }: { readonly filter: ActivityFilter }) {
  const { membership } = useWorkspace();
  const query = eventQueryOf(filter);
  const log = useEvents(membership.slug, query);
  const keyNames = useKeyNames(membership.slug);
  const change = (next: ActivityFilter) =>
    replaceRoute({ view: 'activity', workspace: membership.slug, filter: next });
  const events = log.data?.pages.flatMap(({ events: some }) => some) ?? [];
  return (
    <>
      {filter.key !== '' && (
        <a
          href={writeRoute({ view: 'key', workspace: membership.slug, key: filter.key })}
          className="back"
          dir="auto"
        >
          <Icon name="back" />
          {keyNames.get(filter.key) ?? 'The key'}
        </a>
      )}
      <header className="page-head">
        <div>
          <h1>Activity</h1>
          <p className="lead">Every change, and every call that was refused to somebody who is known.</p>
        </div>
        <div className="page-actions">
          <ExportButton query={query} />
        </div>
      </header>
      <ActivityFilterBar filter={filter} keyNames={keyNames} onChange={change} />
      {log.isPending && <Loading what="the activity" />}
      {log.isError && <Problem fault={log.error} onRetry={() => void log.refetch()} />}
      {log.isSuccess && events.length === 0 && !log.hasNextPage && (
        <Empty title="Nothing here">
          {isNarrowed(filter) ? (
            <>
              <p>No activity matches.</p>
              <Button onPress={() => change(EVERY_ACTIVITY)}>Clear the filters</Button>
            </>
          ) : (
            <p>Nothing has happened yet.</p>
          )}
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

const SHOWS_CHANGES = /(?:updated|changed|renamed)$/;

function EventRow({ event, keyNames }: EventRowProps) {
  const { person, membership } = useWorkspace();
  const memberNames = useMemberNames(membership.slug);
  const reader = { user: person.user, keyNames, memberNames };
  const people = identifyPeople(event, reader);
  const changes = SHOWS_CHANGES.test(event.type) ? changesOf(event) : [];
  return (
    <li className="card event">
      <div className="card-text">
        <span className={event.outcome === 'refused' ? 'bad' : ''}>{describeEvent(event, reader)}.</span>
        {changes.length > 0 && (
          <ul className="changes">
            {changes.map(({ field, before, after }) => (
              <li key={field}>
                {field}: <del dir="auto">{before}</del> → <ins dir="auto">{after}</ins>
              </li>
            ))}
          </ul>
        )}
        <span className="hint">
          {people.map((one) => `${one} · `)}
          <Time at={event.at} />
          {event.source_address !== null && ` · from ${event.source_address}`}
          {event.code !== null && ` · ${event.code}`}
        </span>
      </div>
    </li>
  );
}
