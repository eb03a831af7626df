import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/frame.css';
import './styles/keys.css';
import { createApi } from './api/api.ts';
import { createQueryClient, followOtherTabs, prefetchView } from './api/first-queries.ts';
import { ServerClock } from './api/server-clock.ts';
import { loadConfig } from './config.ts';
import { isEmbedded } from './embedded/embedding.ts';
import { followHost } from './embedded/follow-host.ts';
import { dressPage } from './frame/dress.ts';
import { readRoute } from './location/route.ts';
import type { PageContext } from './page.tsx';
import { SignIn } from './sign-in/sign-in.ts';

const place = document.getElementById('app');
if (place !== null) void start(place);

/** Signs in and asks for the first view while the larger scripts, which show it, are still on their way. */
async function start(element: HTMLElement): Promise<void> {
  try {
    const [{ showPage }, context] = await Promise.all([import('./page.tsx'), begin()]);
    showPage(element, context);
  } catch {
    element.textContent = 'This page cannot be loaded at the moment. Please reload it.';
  }
}

async function begin(): Promise<PageContext> {
  const config = await loadConfig();
  dressPage(config);
  const signIn = new SignIn(config);
  const queries = createQueryClient();
  // What the page offers follows the role that the person has now.
  const onForbidden = () => void queries.invalidateQueries({ queryKey: ['caller'] });
  const clock = new ServerClock();
  const api = createApi({ url: config.api_url, signIn, clock, onForbidden });
  followOtherTabs(queries);
  signIn.listen(() => {
    if (signIn.state.kind === 'signed_out') queries.clear();
    if (signIn.state.kind === 'signed_in')
      void prefetchView(readRoute(window.location.hash), { queries, api });
  });
  if (isEmbedded()) followHost(signIn, config);
  void signIn.begin();
  return { config, api, signIn, clock, queries };
}
