import type { Command } from 'commander';
import type { Surroundings } from './surroundings.ts';

/** A command at the top, or a group of them under one name. */
export interface Group {
  readonly name: string;
  /** What it does, as a line of the overview. */
  readonly summary: string;
  /** Loads the file with its commands. Only the group that is called is loaded, so each call starts fast. */
  readonly load: () => Promise<AddCommands>;
}

/** Adds a group's commands to the program. */
export type AddCommands = (program: Command, surroundings: Surroundings) => void;

/** The groups under the headings of the overview. */
export const GROUPS: Readonly<Record<string, readonly Group[]>> = {
  'Start:': [
    {
      name: 'login',
      summary: 'sign in to a management API',
      load: async () => (await import('./login.ts')).addLoginCommand,
    },
    {
      name: 'logout',
      summary: 'sign out, and forget the connection',
      load: async () => (await import('./login.ts')).addLogoutCommand,
    },
    {
      name: 'whoami',
      summary: 'say who you are to the API',
      load: async () => (await import('./caller.ts')).addWhoamiCommand,
    },
    {
      name: 'connections',
      summary: 'list the APIs that you are signed in to, and choose one',
      load: async () => (await import('./connections.ts')).addConnectionCommands,
    },
    {
      name: 'dev',
      summary: 'run a product on this machine, and connect to it',
      load: async () => (await import('./dev.ts')).addDevCommand,
    },
    {
      name: 'open',
      summary: 'open the console in the browser',
      load: async () => (await import('./open.ts')).addOpenCommand,
    },
    {
      name: 'completion',
      summary: 'print a script that completes commands in a shell',
      load: async () => (await import('./completion.ts')).addCompletionCommand,
    },
  ],
  'Credentials:': [
    {
      name: 'keys',
      summary: 'issue, list, change, rotate, revoke, verify and import API keys',
      load: async () => (await import('./keys.ts')).addKeyCommands,
    },
    {
      name: 'tokens',
      summary: 'issue, list and revoke personal access tokens',
      load: async () => (await import('./tokens.ts')).addTokenCommands,
    },
    {
      name: 'scopes',
      summary: 'list what keys of the product may be allowed',
      load: async () => (await import('./caller.ts')).addScopesCommand,
    },
  ],
  'People and workspaces:': [
    {
      name: 'members',
      summary: 'list, add and remove members, and set their roles',
      load: async () => (await import('./members.ts')).addMemberCommands,
    },
    {
      name: 'invitations',
      summary: 'invite people, and take invitations back',
      load: async () => (await import('./members.ts')).addInvitationCommands,
    },
    {
      name: 'workspaces',
      summary: 'create, list, show and change workspaces',
      load: async () => (await import('./workspaces.ts')).addWorkspaceCommands,
    },
    {
      name: 'events',
      summary: 'show the audit log, and follow it',
      load: async () => (await import('./events.ts')).addEventsCommand,
    },
  ],
  'For the operator, under AWS credentials:': [
    {
      name: 'bootstrap',
      summary: 'make the first workspace, its owner and a management key',
      load: async () => (await import('./operator/credentials.ts')).addBootstrapCommand,
    },
    {
      name: 'management-keys',
      summary: 'issue, list and revoke management keys',
      load: async () => (await import('./operator/credentials.ts')).addManagementKeyCommands,
    },
    {
      name: 'operator',
      summary: 'end keys and tokens, and import keys, without the API',
      load: async () => (await import('./operator/credentials.ts')).addOperatorCommands,
    },
    {
      name: 'backup',
      summary: 'copy the tables into a file',
      load: async () => (await import('./operator/backups.ts')).addBackupCommand,
    },
    {
      name: 'restore',
      summary: 'put a backup back, and revoke again what was revoked since',
      load: async () => (await import('./operator/backups.ts')).addRestoreCommand,
    },
  ],
  'Products:': [
    {
      name: 'profile',
      summary: 'check the file that describes a product',
      load: async () => (await import('./profiles.ts')).addProfileCommands,
    },
    {
      name: 'secret-pattern',
      summary: 'print what secret scanners need to find keys',
      load: async () => (await import('./profiles.ts')).addSecretPatternCommand,
    },
  ],
};
