import type { Command } from 'commander';
import type { Client, Event } from '../../client/index.ts';
import { EVENT_TYPES } from '../../core/audit/audit-event.ts';
import { PROBLEMS } from '../../core/errors/public-problem.ts';
import { forTerminal, printJson, printUntilClosed } from '../output.ts';
import { timeTextOf } from '../print/credential-text.ts';
import { type Page, printList } from '../print/list.ts';
import { type Column, layOutTable, type Table } from '../print/table.ts';
import type { Terminal } from '../terminal.ts';
import {
  addApiOptions,
  addListOptions,
  addWorkspaceOption,
  connect,
  type ListOptions,
} from './api-options.ts';
import { parsePrintable } from './arguments.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { followEvents } from './follow-events.ts';
import type { Surroundings } from './surroundings.ts';

interface EventsOptions extends ListOptions {
  readonly follow?: true;
  readonly mine?: true;
  readonly type?: string;
  readonly key?: string;
}

export function addEventsCommand(program: Command, surroundings: Surroundings): void {
  const { terminal, now } = surroundings;
  const command = program
    .command('events')
    .summary('show the audit log, and follow it')
    .description(
      'Shows the audit log of a workspace, newest first. With --follow, newest last, and new events as they come.',
    )
    .option('--follow', 'go on showing new events, until Ctrl-C')
    .option('--mine', 'your own events, which belong to no workspace')
    .option('--type <type>', 'only events of a type, such as key.revoked', parsePrintable)
    .option('--key <id>', 'only events about a key or a token', parsePrintable);
  addApiOptions(
    addWorkspaceOption(addListOptions(command)),
    'events --limit 10',
    'events --follow',
    'events --type key.issued --json',
  ).action(async (options: EventsOptions) => {
    const { client, findWorkspace } = await connect(surroundings, options);
    const workspace = options.mine ? undefined : await findWorkspace();
    const readPage = (query: object) => readEvents(client, { workspace, options, query });
    const { follow, all, limit, json } = options;
    const columns = eventColumns(options, now());
    if (!follow) return printList({ noun: 'events', columns, readPage }, options, terminal);
    if (all) throw new CommandFailure(EXIT.usage, '--follow begins at the newest events: leave --all out.');
    return printUntilClosed(() =>
      followEvents({
        readPage,
        pause: surroundings.pause,
        firstCount: limit ?? 10,
        tell: (sentence) => terminal.write(2, `${sentence}\n`),
        show: json
          ? (events) => events.map((event) => printJson(terminal, event))
          : printRowsOf(terminal, columns),
      }),
    );
  });
}

/** Makes what prints more and more rows of one table. */
function printRowsOf(
  terminal: Terminal,
  columns: readonly Column<Event>[],
): (events: readonly Event[]) => void {
  let table: Table<Event> | undefined;
  return (events) => {
    const isFirst = table === undefined;
    table ??= layOutTable(columns, events, { width: terminal.columns, hasColours: terminal.hasColours });
    const rows = events.map(table.format);
    terminal.write(1, `${(isFirst ? [table.header, ...rows] : rows).join('\n')}\n`);
  };
}

async function readEvents(
  client: Client,
  {
    workspace,
    options: { type, key },
    query,
  }: { readonly workspace: string | undefined; readonly options: EventsOptions; readonly query: object },
): Promise<Page<Event>> {
  // The API has the types, and says which there are if this is none.
  const filter = { type: type as Event['type'] | undefined, key_id: key };
  const { events: items, next_cursor } = await (workspace === undefined
    ? client.events.listMine({ ...filter, ...query })
    : client.events.list({ workspace, ...filter, ...query }));
  return { items, next: next_cursor };
}

function eventColumns(options: EventsOptions, now: number): readonly Column<Event>[] {
  // Followed, a line stays on the screen while it grows older.
  const time = timeTextOf(options.follow ? { exact: true } : options, now);
  // The rows that are known at first are few, and later ones have to fit.
  const usually = (usualWidth: number) => (options.follow ? { usualWidth } : {});
  const longestOf = (words: readonly string[]) => Math.max(...words.map(({ length }) => length));
  return [
    { title: 'WHEN', cell: ({ at }) => time(at), dispensable: 1 },
    {
      title: 'EVENT',
      cell: ({ type }) => forTerminal(type),
      leastWidth: 14,
      ...usually(longestOf(EVENT_TYPES)),
    },
    { title: 'ABOUT', cell: subjectOf, ...usually(24) },
    { title: 'BY', cell: actorOf, leastWidth: 8, dispensable: 3, ...usually(24) },
    {
      title: 'OUTCOME',
      dispensable: 2,
      leastWidth: 7,
      ...usually(longestOf(Object.keys(PROBLEMS))),
      cell: ({ outcome, code }) => forTerminal(code ?? outcome),
      colour: ({ outcome }) => (outcome === 'refused' ? 'red' : undefined),
    },
  ];
}

function subjectOf({ key_id, user_id, invitation_id, workspace }: Event): string {
  return forTerminal(key_id ?? user_id ?? invitation_id ?? workspace ?? '–');
}

function actorOf({ actor: { kind, user, credential_id } }: Event): string {
  return forTerminal(user ?? credential_id ?? kind);
}
