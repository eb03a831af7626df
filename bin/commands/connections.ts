import type { Command } from 'commander';
import type { Connection, Connections } from '../connections/connection.ts';
import { forTerminal, printJson } from '../output.ts';
import { printSentence } from '../print/list.ts';
import { layOutTable } from '../print/table.ts';
import { parsePrintable, parseSlug } from './arguments.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { addNote } from './help-words.ts';
import type { Surroundings } from './surroundings.ts';

export function addConnectionCommands(program: Command, surroundings: Surroundings): void {
  const connections = addNote(
    program
      .command('connections')
      .helpCommand(false)
      .summary('list the APIs that you are signed in to, and choose one')
      .description('Lists the APIs that you are signed in to, and chooses the one that commands use.'),
    WHERE,
  );
  addList(connections, surroundings);
  addUse(connections, surroundings);
  addRemove(connections, surroundings);
}

const WHERE =
  '\nConnections are in connections.json, in the folder that KEYWARD_CONFIG names or in the user’s own: ~/.config/keyward, or %APPDATA%\\keyward on Windows. KEYWARD_URL and KEYWARD_KEY, if both are set, go before the current connection.';

async function openFile(surroundings: Surroundings) {
  const { connectionFileOf } = await import('../session.ts');
  return connectionFileOf(surroundings);
}

function addList(connections: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  connections
    .command('list')
    .description('Lists the connections, without their credentials.')
    .option('--json', 'print JSON for programs, an object a line')
    .option('--names', 'print the names alone, one a line')
    .addHelpText('after', '\nExample:\n  keyward connections list')
    .action(async ({ json, names }: { json?: true; names?: true }) => {
      const all = (await openFile(surroundings)).read();
      const rows = Object.entries(all.connections).map(([name, each]) => rowOf(all, name, each));
      if (names) {
        for (const { name } of rows) printSentence(terminal, name);
      } else if (json) {
        for (const row of rows) printJson(terminal, row);
      } else if (rows.length === 0) terminal.write(2, 'There are no connections: run `keyward login`.\n');
      else {
        const table = layOutTable(
          [
            { title: '', cell: ({ current }) => (current ? '*' : ' ') },
            { title: 'NAME', cell: ({ name }) => forTerminal(name), leastWidth: 10 },
            { title: 'API', cell: ({ url }) => forTerminal(url), leastWidth: 20 },
            { title: 'WORKSPACE', cell: ({ workspace }) => forTerminal(workspace ?? '–'), dispensable: 2 },
            { title: 'SIGNED IN AS', cell: ({ signed_in_as }) => signed_in_as, dispensable: 1 },
          ],
          rows,
          { width: terminal.columns, hasColours: terminal.hasColours },
        );
        terminal.write(1, `${[table.header, ...rows.map(table.format)].join('\n')}\n`);
      }
    });
}

function rowOf({ current }: Connections, name: string, { url, workspace, credential }: Connection) {
  const signed_in_as = credential.kind === 'person' ? 'a person' : 'the holder of a key';
  return { name, current: name === current, url, workspace, signed_in_as };
}

function addUse(connections: Command, surroundings: Surroundings): void {
  connections
    .command('use')
    .description('Makes a connection the one that commands use.')
    .argument('<name>', 'the connection', parsePrintable)
    .option('--workspace <slug>', 'the workspace of commands that name none', parseSlug)
    .addHelpText('after', '\nExample:\n  keyward connections use production --workspace acme')
    .action(async (name: string, { workspace }: { workspace?: string }) => {
      (await openFile(surroundings)).update((all) => {
        const connection = assertKnown(all, name);
        const changed = { ...connection, workspace: workspace ?? connection.workspace };
        return { current: name, connections: { ...all.connections, [name]: changed } };
      });
      printSentence(surroundings.terminal, `Commands use the connection ${name}.`);
    });
}

function addRemove(connections: Command, surroundings: Surroundings): void {
  connections
    .command('remove')
    .description('Forgets a connection; its key or sign-in works on (`keyward logout` ends a sign-in).')
    .argument('<name>', 'the connection', parsePrintable)
    .addHelpText('after', '\nExample:\n  keyward connections remove dev')
    .action(async (name: string) => {
      const { withoutConnection } = await import('../connections/connection.ts');
      (await openFile(surroundings)).update((all) => {
        assertKnown(all, name);
        return withoutConnection(all, name);
      });
      printSentence(surroundings.terminal, `Removed the connection ${name}.`);
    });
}

function assertKnown({ connections }: Connections, name: string): Connection {
  // As `findConnection`, which loads more than this file needs.
  const connection = Object.hasOwn(connections, name) ? connections[name] : undefined;
  if (connection !== undefined) return connection;
  const names = Object.keys(connections).join(', ') || 'none';
  throw new CommandFailure(EXIT.not_found, `There is no connection ${name}. There are: ${names}.`);
}
