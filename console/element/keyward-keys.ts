/**
 * `<keyward-keys session="…">` shows the keys page inside a product's own settings. `session` is the `url` that
 * `POST /v1/sessions` has answered. The page stands in a frame, so that no script of the product's page ever holds a secret.
 *
 * It takes its colour and its font from two CSS variables of the element: `--keyward-accent` (`#rrggbb`) and `--keyward-font`. It
 * is light or dark as `color-scheme` says there. It grows with its content up to the height of the window, and scrolls inside from
 * there on: so a dialog, which stands in the middle of the frame, is in sight.
 *
 * When a session that worked has ended, it tells so with the event `keyward-session-ended`: set a new `session` then. When a session
 * never began to work, the event is `keyward-session-failed`: a new one at once would most likely fail as well.
 *
 * The deployment must allow the product's origin to frame the console: the setting `console.frame_origins`.
 */
export class KeywardKeys extends HTMLElement {
  static readonly observedAttributes = ['session'];
  #frame: HTMLIFrameElement | undefined;

  connectedCallback(): void {
    window.addEventListener('message', this.#listen);
    this.#show();
  }

  disconnectedCallback(): void {
    window.removeEventListener('message', this.#listen);
    this.#frame?.remove();
    this.#frame = undefined;
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#show();
  }

  #show(): void {
    this.#frame?.remove();
    const session = this.getAttribute('session') ?? '';
    const address = URL.parse(session);
    // A frame would run the script of a `javascript:` URL in the product's page.
    if (address === null || !/^https?:$/.test(address.protocol)) return;
    address.searchParams.set('embedded', '');
    const frame = document.createElement('iframe');
    frame.title = this.getAttribute('label') ?? 'API keys';
    frame.allow = 'clipboard-write';
    frame.referrerPolicy = 'no-referrer';
    Object.assign(frame.style, LOOK);
    frame.src = address.href;
    this.#frame = frame;
    this.append(frame);
  }

  /** Only the frame's own page is listened to, and it is told nothing but colours and a font. */
  readonly #listen = ({ source, origin, data }: MessageEvent): void => {
    const frame = this.#frame;
    if (frame === undefined || source !== frame.contentWindow || origin !== new URL(frame.src).origin) return;
    const message = data as { keyward?: unknown; height?: unknown };
    if (message.keyward === 'ready') frame.contentWindow?.postMessage(this.#readTheme(), origin);
    if (message.keyward === 'height' && typeof message.height === 'number')
      frame.style.height = `${Math.max(0, message.height)}px`;
    if (message.keyward === 'dialog') frame.scrollIntoView({ block: 'nearest' });
    if (message.keyward === 'ended' || message.keyward === 'failed')
      this.dispatchEvent(new CustomEvent(`keyward-session-${message.keyward}`, { bubbles: true }));
  };

  #readTheme() {
    const style = getComputedStyle(this);
    const read = (name: string) => style.getPropertyValue(name).trim();
    // A page that says nothing is a light one.
    const scheme = style.colorScheme === 'normal' ? 'light' : style.colorScheme;
    return { keyward: 'theme', accent: read('--keyward-accent'), font: read('--keyward-font'), scheme };
  }
}

/** A frame higher than the window would put its dialogs out of sight: `position: fixed` means the frame there. */
const LOOK = {
  display: 'block',
  width: '100%',
  minHeight: 'min(44rem, 100vh)',
  maxHeight: '100vh',
  border: '0',
};

/** Makes the element known to the page, under the name `keyward-keys`. */
export function defineKeywardKeys(): void {
  if (customElements.get('keyward-keys') === undefined) customElements.define('keyward-keys', KeywardKeys);
}
