import { createServer } from 'node:http';
import { buildSync } from 'esbuild';
import { FRONT_END, writePage } from './page.ts';
import { LOOKS } from './products.ts';

const { MANAGEMENT_URL, MANAGEMENT_KEY, PROFILE = '', WORKSPACE, USER_ID, USER_NAME, PORT } = process.env;
const look = LOOKS[PROFILE];
if (look === undefined) throw new Error(`PROFILE must be one of ${Object.keys(LOOKS).join(', ')}.`);

const page = writePage(look);
const { outputFiles } = buildSync({
  stdin: { contents: FRONT_END, resolveDir: import.meta.dirname },
  bundle: true,
  format: 'esm',
  write: false,
});
const frontEnd = outputFiles[0]?.text;

createServer(async (request, response) => {
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return response.setHeader('Content-Type', 'text/html').end(page);
    case 'GET /front-end.js':
      return response.setHeader('Content-Type', 'text/javascript').end(frontEnd);
    case 'POST /session': {
      const url = await makeSession().catch(() => undefined);
      return response.writeHead(url === undefined ? 502 : 200, { 'Cache-Control': 'no-store' }).end(url);
    }
    default:
      return response.writeHead(404).end();
  }
}).listen(Number(PORT), '127.0.0.1', () => process.send?.('ready'));

/** In a product, its own sign-in says who the user is. */
async function makeSession(): Promise<string | undefined> {
  const answer = await fetch(`${MANAGEMENT_URL}/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${MANAGEMENT_KEY}` },
    body: JSON.stringify({ user_id: USER_ID, name: USER_NAME, workspace: WORKSPACE }),
  });
  return answer.ok ? ((await answer.json()) as { url: string }).url : undefined;
}
