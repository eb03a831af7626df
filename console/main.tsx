import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/frame.css';
import './styles/keys.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { createApi } from './api/api.ts';
import { createQueryClient, followOtherTabs, prefetchKeys } from './api/queries.ts';
import { App } from './app.tsx';
import { AppProvider, ClockProvider } from './app-context.tsx';
import { type ConsoleConfig, loadConfig } from './config.ts';
import { isEmbedded, joinHost, tellHost } from './embedded/embedding.ts';
import { readRoute } from './location/route.ts';
import { SecretPresenter } from './secret/secret-dialog.tsx';
import { SignIn } from './sign-in/sign-in.ts';
import { accentColours } from './text/accent.ts';
import { Announcer } from './ui/announcer.tsx';

const place = document.getElementById('app');
if (place !== null) void start(place);

async function start(element: HTMLElement): Promise<void> {
  let config: ConsoleConfig;
  try {
    config = await loadConfig();
  } catch {
    element.textContent = 'This page cannot be loaded at the moment. Please reload it.';
    return;
  }
  dress(config);
  const signIn = new SignIn(config);
  const api = createApi({ url: config.api_url, signIn });
  const queries = createQueryClient();
  followOtherTabs(queries);
  signIn.listen(() => {
    if (signIn.state.kind === 'signed_out') return queries.clear();
    if (signIn.state.kind !== 'signed_in') return undefined;
    const route = readRoute(window.location.hash);
    if (route.view !== 'keys') return undefined;
    const { workspace, filter } = route;
    return void prefetchKeys(queries, api, { workspace, status: filter.status || undefined });
  });
  createRoot(element).render(
    <QueryClientProvider client={queries}>
      <AppProvider value={{ config, api, signIn }}>
        <ClockProvider>
          <Announcer>
            <SecretPresenter>
              <App />
            </SecretPresenter>
          </Announcer>
        </ClockProvider>
      </AppProvider>
    </QueryClientProvider>,
  );
  if (isEmbedded()) join(signIn, config);
  await signIn.begin();
}

/** In a frame of the product's own page: takes its look, and tells it how the session fares. */
function join(signIn: SignIn, config: ConsoleConfig): void {
  document.documentElement.classList.add('embedded');
  joinHost(({ accent, font, scheme }) => {
    const { style } = document.documentElement;
    if (accent !== null) dress({ ...config, accent });
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

/** Gives the page the product's name and colour. */
function dress({ product, place: steps, accent }: ConsoleConfig): void {
  document.title = `${steps.at(-1)} · ${product}`;
  const { style } = document.documentElement;
  for (const [theme, paper] of [
    ['light', '#ffffff'],
    ['dark', '#16181d'],
  ] as const) {
    const { solid, onSolid, text } = accentColours(accent, paper);
    style.setProperty(`--accent-solid-${theme}`, solid);
    style.setProperty(`--accent-on-solid-${theme}`, onSolid);
    style.setProperty(`--accent-text-${theme}`, text);
  }
}
