import { setTimeout as pause } from 'node:timers/promises';
import { PROCESS_TERMINAL } from '../terminal.ts';
import type { Surroundings } from './surroundings.ts';

export const OF_THIS_PROCESS: Surroundings = {
  terminal: PROCESS_TERMINAL,
  environment: process.env,
  platform: process.platform,
  access: async () => (await import('../aws-access.ts')).awsAccess(),
  now: Date.now,
  fetch: (...request) => fetch(...request),
  openBrowser: async (url) => (await import('../sign-in/browser.ts')).openBrowser(url, process.platform),
  pause: (milliseconds) => pause(milliseconds),
};
