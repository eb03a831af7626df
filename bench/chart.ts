import type { Figure, PartName, Unit } from './figure.ts';
import { formatValue } from './report.ts';
import type { Results } from './results.ts';

interface Panel {
  readonly part: PartName;
  readonly title: string;
  readonly unit: Unit;
  /** Tells which of a part's figures are shown. */
  readonly shows: (name: string) => boolean;
  /** The ending that all shown names share. The title says it instead. */
  readonly ending: string;
  readonly scale: 'linear' | 'logarithmic';
}

const PANELS: readonly Panel[] = [
  {
    part: 'memory',
    title: 'Verifications a second in memory, one at a time (logarithmic)',
    unit: 'per second',
    shows: () => true,
    ending: '',
    scale: 'logarithmic',
  },
  {
    part: 'store',
    title: 'Verifications a second on a store, 16 at once',
    unit: 'per second',
    shows: (name) => name.endsWith(', 16 at once'),
    ending: ', 16 at once',
    scale: 'linear',
  },
  {
    part: 'cold-start',
    title: 'Starting a function, milliseconds (less is better)',
    unit: 'ms',
    shows: (name) => name.endsWith(', start'),
    ending: ', start',
    scale: 'linear',
  },
];

const WIDTH = 760;
const LABEL_WIDTH = 270;
const BAR_WIDTH = 320;
const ROW_HEIGHT = 26;
const BAR_HEIGHT = 16;
const TITLE_HEIGHT = 38;
const MARGIN = 20;

/** Follows the reader's light or dark colours, also when a page shows it as an image. */
const STYLE = `
    text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
    .title { font-weight: 600; }
    .value, .source { fill: #59636e; }
    .keyward { fill: #0969da; }
    .peer { fill: #bc7c1b; }
    .baseline { fill: #afb8c1; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .value, .source { fill: #9198a1; }
      .keyward { fill: #4493f8; }
      .peer { fill: #d29922; }
      .baseline { fill: #545d68; }
    }`;

/** Draws the figures as bars: Keyward, its peers, and baselines. */
export function drawChart(results: Results): string {
  const drawn: string[] = [];
  let y = MARGIN;
  for (const panel of PANELS) {
    const figures = (results.parts[panel.part]?.figures ?? []).filter(
      ({ name, unit }) => unit === panel.unit && panel.shows(name),
    );
    if (figures.length === 0) continue;
    drawn.push(drawPanel(panel, figures, y));
    y += TITLE_HEIGHT + figures.length * ROW_HEIGHT + MARGIN / 2;
  }
  const height = y + MARGIN;
  const source = `${describe(results)} · blue: Keyward · amber: a peer · grey: a baseline`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
  <title id="title">How fast Keyward verifies and starts, beside others</title>
  <style>${STYLE}
  </style>
${drawn.join('\n')}
  <text class="source" x="${MARGIN}" y="${y + 4}" style="font-size: 11px">${escapeText(source)}</text>
</svg>
`;
}

function drawPanel({ title, ending, scale }: Panel, figures: readonly Figure[], top: number): string {
  const lengthOf = barLength(
    figures.map(({ value }) => value),
    scale,
  );
  const rows = figures.map((figure, index) => {
    const y = top + TITLE_HEIGHT + index * ROW_HEIGHT;
    const length = lengthOf(figure.value);
    const label = figure.name.slice(0, figure.name.length - ending.length);
    const baseline = y + BAR_HEIGHT - 3;
    return [
      `  <text x="${LABEL_WIDTH - 10}" y="${baseline}" text-anchor="end">${escapeText(label)}</text>`,
      `  <rect class="${figure.of}" x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
      `  <text class="value" x="${(LABEL_WIDTH + length + 8).toFixed(1)}" y="${baseline}">${escapeText(formatValue(figure))}</text>`,
    ].join('\n');
  });
  return [`  <text class="title" x="${MARGIN}" y="${top + 18}">${escapeText(title)}</text>`, ...rows].join(
    '\n',
  );
}

/** A logarithmic bar begins a power of ten below the smallest value, so that even that one has a length. */
function barLength(values: readonly number[], scale: Panel['scale']): (value: number) => number {
  const largest = Math.max(...values);
  if (scale === 'linear') return (value) => (value / largest) * BAR_WIDTH;
  const start = Math.floor(Math.log10(Math.min(...values))) - 1;
  return (value) => ((Math.log10(value) - start) / (Math.log10(largest) - start)) * BAR_WIDTH;
}

function describe({ machine: { cpu, cores, node } }: Results): string {
  return `${cpu}, ${cores} cores, Node ${node}`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
