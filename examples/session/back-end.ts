import { createServer } from 'node:http';

const { MANAGEMENT_URL, MANAGEMENT_KEY, WORKSPACE, PORT = '3000' } = process.env;

createServer(async (request, response) => {
  const user_id = signedInUser(request.headers.cookie);
  const answer = await fetch(`${MANAGEMENT_URL}/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${MANAGEMENT_KEY}` },
    body: JSON.stringify({ user_id, workspace: WORKSPACE }),
  });
  const { url } = (await answer.json()) as { url: string };
  response.writeHead(answer.ok ? 303 : 502, answer.ok ? { location: url } : {}).end();
}).listen(Number(PORT), '127.0.0.1');

/** In a product, its own sign-in says who this is. */
function signedInUser(cookie = ''): string | undefined {
  return /(?:^|; )user=([^;]+)/.exec(cookie)?.[1];
}
