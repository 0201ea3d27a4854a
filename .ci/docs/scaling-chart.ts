import { readFile } from 'node:fs/promises';
import * as v from 'valibot';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const ScalingSample = v.object({
  /** Seconds since the start of the record. */
  t: v.pipe(v.number(), v.minValue(0)),
  /** The number of messages in the queue, including those that workers are processing. */
  queued: count,
  pods: v.object({ pending: count, running: count, terminating: count }),
});
type ScalingSample = v.InferOutput<typeof ScalingSample>;

const ScalingRecord = v.pipe(v.array(ScalingSample), v.minLength(2));

type Point = { t: number; value: number };

/** A part of a chart with its own vertical axis. Its `series` are stacked, the first at the bottom. */
type Panel = {
  title: string;
  top: number;
  series: readonly Series[];
};

/** `stepped`: the value holds until the next point; otherwise points are connected by lines. */
type Series = { name: string; label: string; stepped: boolean; points: readonly Point[] };

type Scale = (value: number) => number;

const chart = { width: 900, height: 470, left: 64, right: 28, panelHeight: 150 };
const tops = { queue: 52, pods: 262 };

/** For each series its line and its area, from GitHub's palette. */
const colors = {
  light: {
    queued: ['#0969da', '#b6e3ff'],
    running: ['#1a7f37', '#aceebb'],
    pending: ['#9a6700', '#fae17d'],
    terminating: ['#8250df', '#ecd8ff'],
  },
  dark: {
    queued: ['#4493f8', '#0c2d6b'],
    running: ['#3fb950', '#0f5323'],
    pending: ['#d29922', '#4b2900'],
    terminating: ['#ab7df8', '#3c1e70'],
  },
} as const;

const renderColors = (theme: keyof typeof colors): string =>
  Object.entries(colors[theme])
    .map(([name, [line, area]]) => `.${name} { stroke: ${line}; fill: ${area}; }`)
    .join(' ');

/** A picture in an `<img>` follows the theme of the browser. */
const styles = `
svg { font: 13px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
.background { fill: #fff; stroke: #d1d9e0; } .text { fill: #59636e; } .title { fill: #1f2328; font-weight: 600; }
.grid { stroke: #818b98; stroke-opacity: .35; } .axis { stroke: #818b98; }
${renderColors('light')}
@media (prefers-color-scheme: dark) {
.background { fill: #0d1117; stroke: #3d444d; } .text { fill: #9198a1; } .title { fill: #f0f6fc; }
${renderColors('dark')}
}
.area { stroke: none; } .line { fill: none; stroke-width: 2; stroke-linejoin: round; }`;

/** Returns `docs/scaling.svg`: the queue and the pods of the record in `docs/scaling.json` over time. */
export const renderScalingChart = async (): Promise<string> =>
  drawScalingChart(JSON.parse(await readFile('docs/scaling.json', 'utf8')));

/**
 * Draws a record of `npm run test:k8s` as SVG.
 * @param record an array of `{t, queued, pods: {pending, running, terminating}}`, with `t` in seconds
 */
export const drawScalingChart = (record: unknown): string => {
  const samples = v.parse(ScalingRecord, record);
  const end = samples.at(-1)?.t ?? 0;
  const toX = createScale([0, end], [chart.left, chart.width - chart.right]);
  const panels = [describeQueue(samples), describePods(samples)];
  const bottom = tops.pods + chart.panelHeight;
  const parts = [
    `<rect class="background" x=".5" y=".5" width="${chart.width - 1}" height="${chart.height - 1}" rx="6"/>`,
    ...panels.flatMap((panel) => drawPanel(panel, toX)),
    ...drawTimeAxis(end, toX, bottom),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${chart.width} ${chart.height}" width="${chart.width}" height="${chart.height}" role="img">
<title>The queue and the worker pods over time</title>
<style>${styles}</style>
${parts.join('\n')}
</svg>
`;
};

const describeQueue = (samples: readonly ScalingSample[]): Panel => ({
  title: 'Messages in the queue',
  top: tops.queue,
  series: [
    {
      name: 'queued',
      label: 'waiting or in progress',
      stepped: false,
      points: samples.map(({ t, queued }) => ({ t, value: queued })),
    },
  ],
});

const describePods = (samples: readonly ScalingSample[]): Panel => ({
  title: 'Worker pods',
  top: tops.pods,
  series: (['running', 'pending', 'terminating'] as const).map((name) => ({
    name,
    label: name,
    stepped: true,
    points: samples.map(({ t, pods }) => ({ t, value: pods[name] })),
  })),
});

const drawPanel = ({ title, top, series }: Panel, toX: Scale): string[] => {
  const stacked = stack(series);
  const max = Math.max(1, ...stacked.flatMap(({ points }) => points.map(({ value }) => value)));
  const bottom = top + chart.panelHeight;
  const ticks = findTicks(max, 4, [1, 2, 5, 10]);
  const toY = createScale([0, Math.max(max, ticks.at(-1) ?? 0)], [bottom, top]);
  const grid = ticks.map((tick) => {
    const y = round(toY(tick));
    const line = `<line class="${tick === 0 ? 'axis' : 'grid'}" x1="${chart.left}" x2="${chart.width - chart.right}" y1="${y}" y2="${y}"/>`;
    return `${line}<text class="text" text-anchor="end" x="${chart.left - 8}" y="${y + 4}">${tick.toLocaleString('en')}</text>`;
  });
  // From the top of the stack, so that lower areas cover the upper ones.
  const areas = stacked.toReversed();
  return [
    `<text class="title" x="${chart.left}" y="${top - 22}">${title}</text>`,
    ...drawLegend(series, top - 22),
    ...areas.map((one) => drawArea(one, toX, toY, bottom)),
    ...grid,
    ...areas.map((one) => drawLine(one, toX, toY)),
  ];
};

/** Adds to each series those below it. */
const stack = (series: readonly Series[]): Series[] => {
  const sums: number[] = [];
  return series.map((one) => ({
    ...one,
    points: one.points.map(({ t, value }, index) => {
      const sum = (sums[index] ?? 0) + value;
      sums[index] = sum;
      return { t, value: sum };
    }),
  }));
};

const drawArea = (one: Series, toX: Scale, toY: Scale, bottom: number): string =>
  `<path class="${one.name} area" d="${tracePath(one, toX, toY)}V${bottom}H${round(toX(one.points[0]?.t ?? 0))}Z"/>`;

const drawLine = (one: Series, toX: Scale, toY: Scale): string =>
  `<path class="${one.name} line" d="${tracePath(one, toX, toY)}"/>`;

const tracePath = ({ stepped, points }: Series, toX: Scale, toY: Scale): string =>
  points
    .map(({ t, value }, index) => {
      const [x, y] = [round(toX(t)), round(toY(value))];
      if (index === 0) return `M${x} ${y}`;
      return stepped ? `H${x}V${y}` : `L${x} ${y}`;
    })
    .join('');

/** Right of the title, from the right edge. */
const drawLegend = (series: readonly Series[], y: number): string[] => {
  const width = 16;
  let x = chart.width - chart.right;
  return series.toReversed().map(({ name, label }) => {
    // About 6.6 pixels a letter at 13 pixels.
    x -= label.length * 6.6 + width + 18;
    const box = `<rect class="${name}" x="${round(x)}" y="${y - 10}" width="10" height="10" rx="2"/>`;
    return `${box}<text class="text" x="${round(x + width)}" y="${y}">${label}</text>`;
  });
};

const drawTimeAxis = (end: number, toX: Scale, bottom: number): string[] => {
  const ticks = findTicks(end, 8, [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600]).filter((tick) => tick <= end);
  const labels = ticks.flatMap((tick) => {
    const x = round(toX(tick));
    return [
      `<line class="axis" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}"/>`,
      `<text class="text" text-anchor="middle" x="${x}" y="${bottom + 20}">${formatTime(tick)}</text>`,
    ];
  });
  const caption = `<text class="text" text-anchor="middle" x="${(chart.left + chart.width - chart.right) / 2}" y="${bottom + 42}">Time since the comment (minutes:seconds)</text>`;
  return [...labels, caption];
};

const formatTime = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

const createScale =
  ([fromMin, fromMax]: readonly [number, number], [toMin, toMax]: readonly [number, number]): Scale =>
  (value) =>
    toMin + ((value - fromMin) / (fromMax - fromMin || 1)) * (toMax - toMin);

/** Returns ticks from 0 to at least `max`, with the smallest step of `steps`, or of their products with 10ⁿ, that needs few enough. */
const findTicks = (max: number, maxIntervals: number, steps: readonly number[]): number[] => {
  const sizes = [1, 10, 100, 1_000, 10_000].flatMap((factor) => steps.map((step) => step * factor));
  const step = sizes.toSorted((a, b) => a - b).find((one) => max / one <= maxIntervals) ?? max;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) => index * step);
};

const round = (value: number): number => Math.round(value * 10) / 10;
