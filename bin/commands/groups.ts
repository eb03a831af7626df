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
      summary: 'end a customer’s key or token without the management API',
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
