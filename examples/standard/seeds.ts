import type { Row } from '../rows.ts';

/** What a workspace finds in its collections before it has written anything. */
export const SEEDS: Readonly<Record<string, readonly Row[]>> = {
  users: [
    { id: 'user-1', name: 'Ada', email: 'ada@example.com' },
    { id: 'user-2', name: 'Grace', email: 'grace@example.com' },
  ],
  projects: [{ id: 'project-1', name: 'Website', status: 'active' }],
  records: [
    { id: 'record-1', name: 'First record', amount: 120 },
    { id: 'record-2', name: 'Second record', amount: 75 },
  ],
  settings: [{ id: 'time-zone', name: 'Time zone', value: 'UTC' }],
  team: [{ id: 'core', name: 'Core team' }],
  billing: [{ id: 'invoice-1', name: 'First invoice', total: 49 }],
};
