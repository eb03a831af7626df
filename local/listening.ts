import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { CannotRun } from './cannot-run.ts';

/** Listens on the loopback address only. Other machines must not reach anything that the runner serves. */
export async function listen(server: Server, port: number): Promise<string> {
  const error = await start(server, port);
  if (error !== undefined) throw refusalOf(error, port);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Why nothing can listen on a port, by the code of Node's error. */
const OBSTACLES: Readonly<Record<string, 'taken' | 'forbidden'>> = {
  EADDRINUSE: 'taken',
  EACCES: 'forbidden',
};

/** @returns why a server cannot listen on a port of the loopback address; `undefined` if it can. Port 0 is always free. */
export async function portObstacle(port: number): Promise<'taken' | 'forbidden' | undefined> {
  const server = createServer();
  const error = await start(server, port);
  if (error === undefined) {
    await new Promise((resolve) => server.close(resolve));
    return undefined;
  }
  const obstacle = OBSTACLES[error.code ?? ''];
  if (obstacle === undefined) throw error;
  return obstacle;
}

/** A program that asks the system for any free port is given a higher one: on Linux from 32768 on, and elsewhere from 49152 on. */
const ASKED_FOR_BY_NUMBER = { from: 10_000, count: 22_000 };
const MOST_LOOKS = 100;

/**
 * Finds ports for a program that has to be told its port. Such a program starts slowly, and meanwhile the system gives these ports
 * to nobody else.
 * @param count how many in a row.
 * @returns the first of them.
 */
export async function findPorts(count: number): Promise<number> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const first = ASKED_FOR_BY_NUMBER.from + Math.floor(Math.random() * ASKED_FOR_BY_NUMBER.count);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const obstacles = await Promise.all(ports.map(portObstacle));
    if (obstacles.every((obstacle) => obstacle === undefined)) return first;
  }
  throw new CannotRun(`No ${count} ports in a row are free on 127.0.0.1.`);
}

/** @returns why the server does not listen; `undefined` where it does. */
function start(server: NetServer, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
}

export async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function refusalOf(error: NodeJS.ErrnoException, port: number): Error {
  const obstacle = OBSTACLES[error.code ?? ''];
  if (obstacle === 'taken') {
    return new CannotRun(
      `Port ${port} on 127.0.0.1 is taken: stop what listens there or choose another port.`,
    );
  }
  if (obstacle === 'forbidden') {
    return new CannotRun(`Port ${port} on 127.0.0.1 may not be used by this user: choose one above 1023.`);
  }
  return error;
}
