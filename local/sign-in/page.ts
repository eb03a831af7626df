import type { LocalPerson } from './person.ts';

/** The path of the page. The id of the interaction follows. */
export const PAGE_PATH = '/sign-in/';

/** No scripts, no frames, nothing from other origins. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/** The page on which a developer picks the user to sign in as. */
export function signInPage(people: readonly LocalPerson[], complaint = ''): string {
  const offers = people.map(
    ({ label, userId, email }) =>
      `<button name="person" value="${escaped(userId)}"><b>${escaped(label)}</b> ${escaped(email)}<br><code>${escaped(userId)}</code></button>`,
  );
  return page(
    `<h1>Sign in</h1>
<p>This is a development issuer: it asks for no password and runs on this machine only.</p>
${complaint && `<p role="alert">${escaped(complaint)}</p>`}
<form method="post">${offers.join('\n')}</form>
<form method="post">
<label for="person">Or an e-mail address, or a user id</label>
<input id="person" name="person" required maxlength="255" autocomplete="off">
<button>Sign in</button>
</form>`,
  );
}

/** For errors that must not be sent to a client, because the client is unknown. */
export function refusalPage(sentence: string): string {
  return page(`<h1>This sign-in cannot go on</h1><p role="alert">${escaped(sentence)}</p>`);
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}
form{display:grid;gap:.5rem;margin:1.5rem 0}button,input{font:inherit;padding:.5rem .75rem;text-align:left}`;

function page(body: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in</title><style>${STYLE}</style>
${body}
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
