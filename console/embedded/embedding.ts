import { type HostTheme, readTheme } from './host-theme.ts';

/** Whether the page stands in a frame of `<keyward-keys>`: then it shows the keys alone. */
export function isEmbedded(): boolean {
  return new URLSearchParams(window.location.search).has('embedded') && window.parent !== window;
}

/**
 * Tells the framing page how high the content is, and takes its colours and font. The policy of the page says which origins may
 * frame it; what they are told holds no secret.
 */
export function joinHost(onTheme: (theme: HostTheme) => void): void {
  window.addEventListener('message', ({ source, data }) => {
    if (source === window.parent) onTheme(readTheme(data));
  });
  tellHost({ keyward: 'ready' });
  new ResizeObserver(() => tellHost({ keyward: 'height', height: document.body.scrollHeight })).observe(
    document.body,
  );
}

/** Asks the page around the frame to move a dialog into sight: it stands in the frame, which may be half outside the window. */
export function tellHostOfDialog(): void {
  if (isEmbedded()) tellHost({ keyward: 'dialog' });
}

export function tellHost(message: { readonly keyward: string; readonly height?: number }): void {
  window.parent.postMessage(message, '*');
}
