import type { ConsoleConfig } from '../config.ts';
import { accentColours } from '../text/accent.ts';
import { titleOf } from './navigation.ts';

/** Gives the page the product's name and colour. */
export function dressPage({ product, place, accent }: ConsoleConfig): void {
  document.title = titleOf({ view: 'home' }, { place, product });
  const { style } = document.documentElement;
  for (const [theme, paper] of [
    ['light', '#ffffff'],
    ['dark', '#16181d'],
  ] as const) {
    const { solid, onSolid, text } = accentColours(accent, paper);
    style.setProperty(`--accent-solid-${theme}`, solid);
    style.setProperty(`--accent-on-solid-${theme}`, onSolid);
    style.setProperty(`--accent-text-${theme}`, text);
  }
}
