import type { ConsoleConfig } from '../config.ts';
import { dressPage } from '../frame/dress.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import { joinHost, tellHost } from './embedding.ts';

/** In a frame of the product's own page: takes its look, and tells it how the session fares. */
export function followHost(signIn: SignIn, config: ConsoleConfig): void {
  document.documentElement.classList.add('embedded');
  joinHost(({ accent, font, scheme }) => {
    const { style } = document.documentElement;
    if (accent !== null) dressPage({ ...config, accent });
    if (font !== null) style.setProperty('--font', font);
    if (scheme !== null) style.colorScheme = scheme;
  });
  let hasWorked = false;
  signIn.listen(() => {
    if (signIn.state.kind === 'signed_in') hasWorked = true;
    // The product answers "ended" with a new session. Where no session ever works, that would go on for ever.
    if (signIn.state.kind === 'signed_out') tellHost({ keyward: hasWorked ? 'ended' : 'failed' });
  });
}
