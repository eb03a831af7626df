import type { Command } from 'commander';
import type { Caller } from '../../client/index.ts';
import { forTerminal, printJson } from '../output.ts';
import { printFields } from '../print/list.ts';
import { layOutTable } from '../print/table.ts';
import { type ApiOptions, addApiOptions, connect } from './api-options.ts';
import type { Surroundings } from './surroundings.ts';

export function addWhoamiCommand(program: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = program
    .command('whoami')
    .summary('say who you are to the API')
    .description('Says who you are to the API, and what you may do.');
  addApiOptions(command, 'whoami').action(async (options: ApiOptions) => {
    const { client, url, namedWorkspace } = await connect(surroundings, options);
    const caller = await client.caller();
    const used = namedWorkspace ?? onlyWorkspaceOf(caller);
    if (options.json) printJson(terminal, caller);
    else
      printFields(terminal, [
        ['API', url],
        ...callerFields(caller),
        ['Commands use', used ?? 'no workspace, until --workspace names one'],
      ]);
  });
}

/** @returns `null` where the credential reaches several workspaces, or all, or none. */
export function onlyWorkspaceOf(caller: Caller): string | null {
  if (!('workspaces' in caller)) return caller.workspace;
  const [only, another] = caller.workspaces;
  return another === undefined ? (only?.slug ?? null) : null;
}

function callerFields(caller: Caller): readonly (readonly [string, string])[] {
  if ('workspaces' in caller) {
    const places = caller.workspaces.map(({ slug, role }) => `${slug} (${role})`);
    return [
      ['You are', `the user ${caller.user}`],
      ['Workspaces', places.join(', ') || 'none'],
    ];
  }
  const { kind, credential_id, workspace, user, role, scopes } = caller;
  return [
    ['You are', `the ${kind.replaceAll('_', ' ')} ${credential_id}`],
    ['Workspace', workspace ?? 'any'],
    ['For', user ?? '–'],
    ['Role', role ?? '–'],
    ['Scopes', scopes.join(', ') || 'all'],
  ];
}

export function addScopesCommand(program: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = program
    .command('scopes')
    .summary('list what keys of the product may be allowed')
    .description('Lists the scopes of the product: what a key may be allowed to do.');
  addApiOptions(command, 'scopes').action(async (options: ApiOptions) => {
    const { client } = await connect(surroundings, options);
    const { scopes } = await client.scopes();
    if (options.json) {
      for (const scope of scopes) printJson(terminal, scope);
    } else if (scopes.length === 0)
      terminal.write(2, 'The product has no scopes: a key may do everything.\n');
    else {
      const table = layOutTable(
        [
          { title: 'SCOPE', cell: ({ name }) => forTerminal(name) },
          { title: 'WHAT IT ALLOWS', cell: ({ description }) => forTerminal(description), leastWidth: 20 },
          {
            title: 'INCLUDES',
            cell: ({ implies }) => forTerminal(implies.join(', ')),
            leastWidth: 10,
            dispensable: 1,
          },
        ],
        scopes,
        { width: terminal.columns, hasColours: terminal.hasColours },
      );
      terminal.write(1, `${[table.header, ...scopes.map(table.format)].join('\n')}\n`);
    }
  });
}
