/** The colours that a page makes of a product's own, so that text on them and in them can be read. */
export interface AccentColours {
  /** The background of the main button. */
  readonly solid: string;
  readonly onSolid: string;
  /** For links, and for what is chosen. */
  readonly text: string;
}

type Rgb = readonly [number, number, number];

/** WCAG 2.2 asks for 4.5. A little more leaves room for tinted backgrounds. */
const CONTRAST = 5.2;
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
const INK: Rgb = [16, 18, 24];

/**
 * @param accent as `#rrggbb`.
 * @param paper the background of the page, as `#rrggbb`.
 */
export function accentColours(accent: string, paper: string): AccentColours {
  const [colour, background] = [readColour(accent), readColour(paper)];
  const isDark = luminanceOf(background) < 0.2;
  const solid = isDark ? moveUntil(colour, { towards: WHITE, from: background, contrast: 3 }) : colour;
  const onSolid = contrastOf(solid, WHITE) >= 4.5 ? WHITE : INK;
  const text = moveUntil(colour, { towards: isDark ? WHITE : BLACK, from: background, contrast: CONTRAST });
  return { solid: printColour(solid), onSolid: printColour(onSolid), text: printColour(text) };
}

/** The contrast of two colours as WCAG 2.2 defines it: from 1 to 21. */
export function contrastOf(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

export function readColour(text: string): Rgb {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (parts === null) return [79, 70, 229];
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((part) => Number.parseInt(part, 16));
  return [red, green, blue];
}

interface Move {
  readonly towards: Rgb;
  readonly from: Rgb;
  readonly contrast: number;
}

/** Mixes a colour with another, step by step, until it stands out from its background. */
function moveUntil(colour: Rgb, { towards, from, contrast }: Move): Rgb {
  for (let step = 0; step <= 1; step += 0.04) {
    const mixed = mix(colour, towards, step);
    if (contrastOf(mixed, from) >= contrast) return mixed;
  }
  return towards;
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => Math.round(one[index] * (1 - share) + other[index] * share);
  return [part(0), part(1), part(2)];
}

function luminanceOf([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function printColour(colour: Rgb): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
