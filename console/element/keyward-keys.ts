/**
 * `<keyward-keys session="…">` shows the keys page inside a product's own settings. `session` is the `url` that
 * `POST /v1/sessions` has answered. The page stands in a frame, so that no script of the product's page ever holds a secret.
 *
 * It takes its colour and its font from two CSS variables of the element: `--keyward-accent` (`#rrggbb`) and `--keyward-font`. It
 * is light or dark as `color-scheme` says there. It grows with its content. When the session has ended, it tells so with the event
 * `keyward-session-ended`: set a new `session` then.
 *
 * The deployment must allow the product's origin to frame the console: the setting `console-frame-origins`.
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
    Object.assign(frame.style, { display: 'block', width: '100%', minHeight: '44rem', border: '0' });
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
      frame.style.height = `${Math.min(Math.max(0, message.height), MOST_PIXELS)}px`;
    if (message.keyward === 'ended')
      this.dispatchEvent(new CustomEvent('keyward-session-ended', { bubbles: true }));
  };

  #readTheme() {
    const style = getComputedStyle(this);
    const read = (name: string) => style.getPropertyValue(name).trim();
    // A page that says nothing is a light one.
    const scheme = style.colorScheme === 'normal' ? 'light' : style.colorScheme;
    return { keyward: 'theme', accent: read('--keyward-accent'), font: read('--keyward-font'), scheme };
  }
}

const MOST_PIXELS = 20_000;

/** Makes the element known to the page, under the name `keyward-keys`. */
export function defineKeywardKeys(): void {
  if (customElements.get('keyward-keys') === undefined) customElements.define('keyward-keys', KeywardKeys);
}
