/** What a page that frames the console may change of its look. */
export interface HostTheme {
  readonly accent: string | null;
  readonly font: string | null;
}

/** Takes only what is a colour and what are names of fonts. */
export function readTheme(data: unknown): HostTheme {
  const { keyward, accent, font } = (typeof data === 'object' && data !== null ? data : {}) as Record<
    string,
    unknown
  >;
  const isTheme = keyward === 'theme';
  return {
    accent: isTheme && typeof accent === 'string' && /^#[0-9a-f]{6}$/i.test(accent) ? accent : null,
    font: isTheme && typeof font === 'string' && /^[\w\s,"'-]{1,200}$/.test(font) ? font : null,
  };
}
