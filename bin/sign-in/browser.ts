import { spawn } from 'node:child_process';

/** The program of each system that opens an address in the user's browser. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  // `start` of the shell would read `&` in an address as the end of a command.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** A program that has not failed by then has a browser to open, and may run until that is closed. */
const PATIENCE_MS = 1_000;

/** @returns false where no browser could be started. */
export function openBrowser(url: string, platform: NodeJS.Platform): Promise<boolean> {
  const [command, ...args] = OPENERS[platform] ?? ['xdg-open'];
  return new Promise((resolve) => {
    const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
    const patience = setTimeout(() => resolve(true), PATIENCE_MS);
    const end = (isOpen: boolean) => {
      clearTimeout(patience);
      resolve(isOpen);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
    child.unref();
  });
}
