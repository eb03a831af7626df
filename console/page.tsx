import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { type AppContext, AppProvider, ClockProvider } from './app-context.tsx';
import { SecretPresenter } from './secret/secret-dialog.tsx';
import { Announcer } from './ui/announcer.tsx';

export interface PageContext extends AppContext {
  readonly queries: QueryClient;
}

/** Shows the page in an element. */
export function showPage(element: HTMLElement, { queries, ...context }: PageContext): void {
  createRoot(element).render(
    <QueryClientProvider client={queries}>
      <AppProvider value={context}>
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
}
