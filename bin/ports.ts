import { CannotRun, portObstacle } from '../local/index.ts';

/** The ports of the management API, of the product's API and of the sign-in issuer. */
const COUNT = 3;

export const LAST_FIRST_PORT = 65_535 - (COUNT - 1);

/**
 * Checks the ports before anything is built.
 * @param first the first port; 0 for any free ones.
 * @throws {CannotRun} that says how to choose another first port.
 */
export async function assertPortsAreFree(first: number): Promise<void> {
  if (first === 0) return;
  const found = await obstacleIn(first);
  if (found === undefined) return;
  const { port, obstacle } = found;
  const other = `choose another first port than ${first} with \`npm start -- --port ${await freeFirstPort(first)}\``;
  throw new CannotRun(
    obstacle === 'taken'
      ? `Port ${port} on 127.0.0.1 is taken: stop what listens there, or ${other}.`
      : `Port ${port} on 127.0.0.1 may not be used by this user: ${other}.`,
  );
}

async function obstacleIn(first: number) {
  for (let port = first; port < first + COUNT; port += 1) {
    const obstacle = await portObstacle(port);
    if (obstacle !== undefined) return { port, obstacle };
  }
  return undefined;
}

/** Finds a port that is free together with the next two. If it finds none, it returns one that may be taken. */
async function freeFirstPort(taken: number): Promise<number> {
  const start = Math.max(taken, 4000);
  for (let first = start + 10; first <= Math.min(start + 500, LAST_FIRST_PORT); first += 10)
    if ((await obstacleIn(first)) === undefined) return first;
  return 4610;
}
