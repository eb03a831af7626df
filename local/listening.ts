import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CannotRun } from './cannot-run.ts';

/** Listens on the loopback address only: nothing that the runner serves is meant for another machine. */
export async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusalOf(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function refusalOf(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new CannotRun(
      `Port ${port} on 127.0.0.1 is taken: stop what listens there or choose another port.`,
    );
  }
  if (error.code === 'EACCES') {
    return new CannotRun(`Port ${port} on 127.0.0.1 may not be used by this user: choose one above 1023.`);
  }
  return error;
}
