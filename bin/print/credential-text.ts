import type { Key, Token } from '../../client/index.ts';
import type { TimeOptions } from '../commands/api-options.ts';
import { forTerminal } from '../output.ts';
import type { Colour, Column } from './table.ts';
import { describeTime } from './time-text.ts';

/** How keys and tokens look in lists, and what else is said of them. */

const STATUS_COLOURS: Readonly<Record<string, Colour>> = {
  active: 'green',
  disabled: 'yellow',
  expired: 'dim',
  revoked: 'red',
};

/** Makes the text of a time: how far away it is, or exactly if somebody wants that. */
export function timeTextOf(
  { exact }: TimeOptions,
  now: number,
): (time: string | null, absent?: string) => string {
  return (time, absent = '–') => {
    if (time === null) return absent;
    return exact ? forTerminal(toTheSecond(time)) : describeTime(time, now);
  };
}

function toTheSecond(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

type TimeText = ReturnType<typeof timeTextOf>;

export function keyColumns(time: TimeText): readonly Column<Key>[] {
  return [
    { title: 'ID', cell: ({ id }) => forTerminal(id) },
    { title: 'NAME', cell: ({ name }) => forTerminal(name ?? '–'), leastWidth: 10 },
    statusColumn(),
    { title: 'SCOPES', cell: ({ scopes }) => scopesText(scopes), leastWidth: 10, dispensable: 3 },
    { title: 'LAST USED', cell: ({ last_used_at }) => time(last_used_at, 'never'), dispensable: 1 },
    { title: 'EXPIRES', cell: ({ expires_at }) => time(expires_at, 'never'), dispensable: 2 },
    { title: 'CREATED', cell: ({ created_at }) => time(created_at), dispensable: 4 },
    {
      title: 'CREATED BY',
      cell: ({ created_by }) => forTerminal(created_by ?? '–'),
      leastWidth: 10,
      dispensable: 5,
    },
    { title: 'BEGINS WITH', cell: ({ start }) => forTerminal(start), dispensable: 6 },
  ];
}

export function tokenColumns(time: TimeText): readonly Column<Token>[] {
  return [
    { title: 'ID', cell: ({ id }) => forTerminal(id) },
    { title: 'NAME', cell: ({ name }) => forTerminal(name), leastWidth: 10 },
    statusColumn(),
    // A ceiling: in each workspace the token acts with the role of its user, and with no higher one than this.
    { title: 'AT MOST', cell: ({ role }) => forTerminal(role), dispensable: 4 },
    { title: 'SCOPES', cell: ({ scopes }) => scopesText(scopes), leastWidth: 10, dispensable: 3 },
    {
      title: 'WORKSPACES',
      cell: ({ workspaces }) => workspacesText(workspaces),
      leastWidth: 10,
      dispensable: 5,
    },
    { title: 'LAST USED', cell: ({ last_used_at }) => time(last_used_at, 'never'), dispensable: 1 },
    { title: 'EXPIRES', cell: ({ expires_at }) => time(expires_at, 'never'), dispensable: 2 },
  ];
}

export function keyFields(key: Key, time: TimeText): readonly (readonly [string, string])[] {
  return [
    ['ID', key.id],
    ['Name', key.name ?? '–'],
    ['Description', key.description || '–'],
    ['External id', key.external_id ?? '–'],
    ['Status', key.status],
    ['Workspace', key.workspace],
    ['Scopes', scopesText(key.scopes)],
    ['Role', key.role ?? '–'],
    ['Created', time(key.created_at)],
    ['Created by', key.created_by ?? '–'],
    ['Expires', time(key.expires_at, 'never')],
    ['Last used', time(key.last_used_at, 'never')],
    ['Older secret', previousSecretText(key, time)],
    ['Revoked', time(key.revoked_at)],
    ['Networks', key.allowed_cidrs.join(', ') || 'every network'],
    ['Rate limit', limitText(key)],
    ['Plan', key.plan ?? '–'],
    ['Begins with', key.start],
  ];
}

function statusColumn<Row extends { readonly status: string }>(): Column<Row> {
  return {
    title: 'STATUS',
    cell: ({ status }) => forTerminal(status),
    colour: ({ status }) => STATUS_COLOURS[status],
  };
}

function previousSecretText({ previous_secret }: Key, time: TimeText): string {
  if (previous_secret === null) return '–';
  const { replaced_at, ends_at, last_used_at } = previous_secret;
  return `replaced ${time(replaced_at, 'earlier')}, ends ${time(ends_at)}, last used: ${time(last_used_at, 'never')}`;
}

function scopesText(scopes: readonly string[]): string {
  return scopes.length === 0 ? 'all' : forTerminal(scopes.join(', '));
}

function workspacesText(workspaces: readonly string[] | null): string {
  return workspaces === null ? 'all' : forTerminal(workspaces.join(', '));
}

function limitText({ rate_limit, plan }: Key): string {
  if (rate_limit !== null) return `${rate_limit.limit} calls in ${rate_limit.window_seconds} seconds`;
  return plan === null ? '–' : 'that of the plan';
}
