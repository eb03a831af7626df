/** What a page that frames the console may change of its look. */
export interface HostTheme {
  readonly accent: string | null;
  readonly font: string | null;
  /** As the CSS property `color-scheme` says it; `null` for a page that says nothing. */
  readonly scheme: 'light' | 'dark' | 'light dark' | null;
}

const SCHEMES = ['light', 'dark', 'light dark'] as const;

/** Takes only what is a colour, what are names of fonts, and the two schemes. */
export function readTheme(data: unknown): HostTheme {
  const { keyward, accent, font, scheme } = (typeof data === 'object' && data !== null ? data : {}) as Record<
    string,
    unknown
  >;
  const isTheme = keyward === 'theme';
  return {
    accent: isTheme && typeof accent === 'string' && /^#[0-9a-f]{6}$/i.test(accent) ? accent : null,
    font: isTheme && typeof font === 'string' && /^[\w\s,"'-]{1,200}$/.test(font) ? font : null,
    scheme: (isTheme && SCHEMES.find((known) => known === scheme)) || null,
  };
}
