import { setTimeout as pause } from 'node:timers/promises';
import { PROCESS_TERMINAL } from '../terminal.ts';
import type { Surroundings } from './surroundings.ts';

export const OF_THIS_PROCESS: Surroundings = {
  terminal: PROCESS_TERMINAL,
  environment: process.env,
  platform: process.platform,
  access: async () => (await import('../aws-access.ts')).awsAccess(),
  now: Date.now,
  fetch: async (...request) => {
    proxies ??= useProxies();
    await proxies;
    return fetch(...request);
  },
  openBrowser: async (url) => (await import('../sign-in/browser.ts')).openBrowser(url, process.platform),
  pause: (milliseconds) => pause(milliseconds),
};

let proxies: Promise<void> | undefined;

/** `fetch` by itself goes around the proxies that HTTPS_PROXY and NO_PROXY name. */
async function useProxies(): Promise<void> {
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy } = process.env;
  if (!HTTPS_PROXY && !https_proxy && !HTTP_PROXY && !http_proxy) return;
  const http = await import('node:http');
  // Node 24.14 and newer have it; its types do not yet.
  if ('setGlobalProxyFromEnv' in http) (http.setGlobalProxyFromEnv as () => void)();
}
