import type { SettingsLook } from './products.ts';

/**
 * Runs in the browser. A session that has ended gets a successor, since the user is signed in at the product. After one that never
 * worked the user decides: a new one at once could go on for ever.
 */
export const FRONT_END = `
import { defineKeywardKeys } from 'keyward/element';
const keys = document.querySelector('keyward-keys');
const again = document.querySelector('#again');
const open = async () => {
  const answer = await fetch('/session', { method: 'POST' });
  again.hidden = answer.ok;
  if (answer.ok) keys.setAttribute('session', await answer.text());
};
keys.addEventListener('keyward-session-ended', open);
keys.addEventListener('keyward-session-failed', () => { again.hidden = false; });
again.addEventListener('click', open);
defineKeywardKeys();
await open();
`;

/** The settings of a product. \`<keyward-keys>\` takes the colour and the font from the two variables of the style. */
export function writePage({
  product,
  sections,
  section,
  layout,
  accent,
  font,
  ink,
  bar,
}: SettingsLook): string {
  const links = sections.map((name) =>
    name === section ? `<a aria-current="page">${name}</a>` : `<a>${name}</a>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Settings · ${product}</title>
<style>
  keyward-keys { --keyward-accent: ${accent}; --keyward-font: ${font}; display: block; min-width: 0 }
  body { margin: 0; font: 16px/1.5 ${font}; color: ${ink}; background: #fff }
  header { padding: 1rem 2rem; background: ${bar}; border-bottom: 3px solid ${accent} }
  main { display: grid; gap: 2rem; max-width: 80rem; margin: auto; padding: 2rem }
  main.side { grid-template-columns: 11rem minmax(0, 1fr) }
  nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem }
  .side nav { flex-direction: column }
  nav a { padding: 0.25rem 0; border-bottom: 2px solid transparent }
  nav [aria-current] { border-color: ${accent}; color: ${accent}; font-weight: bold }
  @media (max-width: 48rem) { main.side { grid-template-columns: minmax(0, 1fr) } .side nav { flex-direction: row } }
</style>
<header><strong>${product}</strong> Settings</header>
<main class="${layout}">
  <nav aria-label="Settings">${links.join('')}</nav>
  <div>
    <button id="again" type="button" hidden>Open the keys again</button>
    <keyward-keys label="The keys of ${product}"></keyward-keys>
  </div>
</main>
<script type="module" src="/front-end.js"></script>
</html>`;
}
