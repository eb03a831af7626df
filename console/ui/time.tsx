import { useApp, useNow } from '../app-context.tsx';
import { formatTime, relativeTime } from '../text/relative-time.ts';

/** A time as people say it. The exact time shows on hover and on focus. */
export function Time({ at, className = '' }: { readonly at: string; readonly className?: string }) {
  // Between two ticks of the page's clock, a time that was just loaded can be later than it.
  const now = Math.max(useNow(), useApp().clock.now());
  const exact = formatTime(at);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without focus, the exact time would be for people with a mouse only.
    <time className={`time ${className}`} dateTime={at} data-exact={exact} tabIndex={0}>
      {relativeTime(at, now)}
      <span className="visually-hidden"> ({exact})</span>
    </time>
  );
}
