import { useSyncExternalStore } from 'react';
import { Notice } from '../ui/notice.tsx';

/** Says that the browser has no connection. What was loaded stays readable. */
export function OfflineBanner() {
  const isOnline = useSyncExternalStore(listen, () => navigator.onLine);
  return (
    <div role="status">
      {!isOnline && (
        <Notice kind="warning">
          <p>You are offline. You see what was loaded before. Changes need a connection.</p>
        </Notice>
      )}
    </div>
  );
}

function listen(tell: () => void): () => void {
  window.addEventListener('online', tell);
  window.addEventListener('offline', tell);
  return () => {
    window.removeEventListener('online', tell);
    window.removeEventListener('offline', tell);
  };
}
