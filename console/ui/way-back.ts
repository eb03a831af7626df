import { useEffect, useState } from 'react';

/** By then React Aria has given the focus back. */
const FIRST_LOOK_MS = 100;
/** A list that is read again, and drawn when the page is free, has lost the button by then. */
const LAST_LOOK_MS = 2_000;

/**
 * React Aria gives the focus back to the button that has opened a dialog. That button goes away where a key was revoked. The focus then
 * goes to the row in which it stood, else to the view: people who use the keyboard would have to begin at the top of the page.
 */
export function useWayBack(): void {
  // Once the dialog is there, it has the focus.
  const [opener] = useState(() => document.activeElement);
  const [row] = useState(() => opener?.closest('tr'));
  useEffect(
    () => () => {
      const end = performance.now() + LAST_LOOK_MS;
      const look = () => {
        // The next dialog keeps the focus to itself.
        if (document.querySelector('.dialog') !== null) return;
        if (document.activeElement === document.body) focusNear(row);
        else if (document.activeElement === opener && performance.now() < end)
          setTimeout(look, FIRST_LOOK_MS);
      };
      setTimeout(look, FIRST_LOOK_MS);
    },
    [opener, row],
  );
}

function focusNear(row: Element | null | undefined): void {
  const inRow = row?.isConnected ? row.querySelector<HTMLElement>('a, button') : null;
  (inRow ?? document.querySelector<HTMLElement>('main'))?.focus();
}
