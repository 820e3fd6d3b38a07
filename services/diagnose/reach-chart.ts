import { clipFactor, type Diagnosis, type Examined } from './diagnosis.ts';
import type { Measured } from './measured.ts';
import { sizesOf } from './report.ts';

const WIDTH = 960;
const HEIGHT = 516;
const PANEL = { top: 76, width: 390, height: 300 };
const PANELS_AT = [84, 540] as const;
/** Decades of the axis; what leaves them leaves the picture. */
const LOW = -12;
const HIGH = 12;
const DECADES_PER_LINE = 3;
const MOST_POINTS = 240;
const LEGEND = { top: 444, column: 292, row: 24, columns: 3 };

/** Colours that stay apart for colour-blind readers (Okabe & Ito 2008). */
const COLOURS: Readonly<Record<string, string>> = {
  vanishing: '#0072b2',
  exploding: '#d55e00',
  clipped: '#d55e00',
  gru: '#009e73',
  lstm: '#aa3377',
  trace: '#b8860b',
};

const NOTE =
  'Right: symbols named after training; guessing gives 25 %. Dashed: the gradient as it is applied, scaled by clipping. s is the whole state, c of the LSTM included.';

type Moment = 'before' | 'after';

/** How far gradients reach in each cell, before and after training, as SVG: one line per cell on a logarithmic axis. */
export function reachChart(diagnosis: Diagnosis): string {
  const { lag, updates, cells } = diagnosis;
  const subtitle = `A symbol is remembered over ${lag} steps among distractors; ${sizesOf(diagnosis)}. The loss is that of the last step.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#333">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(24, 28, 'How far gradients reach back in time', 'font-size="18" font-weight="600"'),
    text(24, 47, subtitle, 'fill="#666"'),
    `<clipPath id="panel"><rect width="${PANEL.width}" height="${PANEL.height}"/></clipPath>`,
    ...panel(diagnosis, 'before', PANELS_AT[0], 'before training'),
    ...panel(diagnosis, 'after', PANELS_AT[1], `after ${updates} updates`),
    axisName(),
    ...cells.flatMap(legendEntry),
    text(24, HEIGHT - 14, NOTE, 'fill="#666" font-size="11"'),
    '</svg>',
    '',
  ].join('\n');
}

function panel({ lag, cells }: Diagnosis, moment: Moment, x: number, title: string): string[] {
  const { top, width, height } = PANEL;
  return [
    `<g transform="translate(${x} ${top})">`,
    text(width / 2, -8, title, 'text-anchor="middle" font-weight="600"'),
    ...decadeLines(),
    ...lagTicks(lag),
    `<rect width="${width}" height="${height}" fill="none" stroke="#999"/>`,
    text(width / 2, height + 36, 'lag k (steps back from the loss)', 'text-anchor="middle"'),
    '<g clip-path="url(#panel)">',
    ...cells.map((one) => curve(one, one[moment], lag)),
    '</g></g>',
  ];
}

function decadeLines(): string[] {
  const lines: string[] = [];
  for (let decade = LOW; decade <= HIGH; decade += DECADES_PER_LINE) {
    const y = yOf(decade);
    const stroke = decade === 0 ? '#999' : '#e4e4e4';
    lines.push(`<path d="M0 ${y}H${PANEL.width}" stroke="${stroke}"/>`);
    const exponent = `10<tspan dy="-5" font-size="9">${`${decade}`.replace('-', '−')}</tspan>`;
    lines.push(
      `<text x="-8" y="${y + 5}" text-anchor="end">${decade === 0 ? '1' : exponent}</text>`,
    );
  }
  return lines;
}

function lagTicks(lag: number): string[] {
  const step = roundStep(lag / 5);
  const ticks: string[] = [];
  for (let k = 0; k <= lag; k += step) {
    const x = xOf(k, lag);
    ticks.push(`<path d="M${x} ${PANEL.height}v5" stroke="#999"/>`);
    ticks.push(text(x, PANEL.height + 18, `${k}`, 'text-anchor="middle"'));
  }
  return ticks;
}

/** 1, 2 or 5 times a power of ten, not below `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, step)));
  return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}

function curve(one: Examined, measured: Measured, lag: number): string {
  const factor = clipFactor(one, measured);
  const every = Math.max(1, Math.ceil(lag / MOST_POINTS));
  const points = measured.reach.flatMap((ratio, k) => {
    if (k > lag || k % every !== 0) return [];
    const decade = ratio > 0 ? Math.log10(ratio * factor) : LOW - 1;
    // A little beyond the frame, so that a line leaves it steeply; never where renderers lose their precision.
    const shown = Math.max(LOW - 1, Math.min(HIGH + 1, decade));
    return Number.isNaN(shown) ? [] : [`${xOf(k, lag)} ${yOf(shown)}`];
  });
  return points.length === 0 ? '' : `<path d="M${points.join('L')}" ${strokeOf(one)}/>`;
}

function legendEntry(one: Examined, place: number): string[] {
  const { columns, column, row, top } = LEGEND;
  const x = PANELS_AT[0] + (place % columns) * column;
  const y = top + Math.floor(place / columns) * row;
  const accuracy = Math.round(100 * one.after.accuracy);
  return [
    `<path d="M${x} ${y - 4}h28" ${strokeOf(one)}/>`,
    text(x + 36, y, `${one.name}: ${accuracy} % right`, ''),
  ];
}

function strokeOf({ role, cell }: Examined): string {
  const dash = role === 'clipped' ? ' stroke-dasharray="6 4"' : '';
  return `fill="none" stroke="${COLOURS[role] ?? COLOURS[cell] ?? '#333'}" stroke-width="2"${dash}`;
}

function axisName(): string {
  const y = PANEL.top + PANEL.height / 2;
  return `<text transform="translate(28 ${y}) rotate(-90)" text-anchor="middle">|dL/ds(t−k)| / |dL/ds(t)|  (ratio)</text>`;
}

function xOf(k: number, lag: number): number {
  return rounded((k / lag) * PANEL.width);
}

function yOf(decade: number): number {
  return rounded(((HIGH - decade) / (HIGH - LOW)) * PANEL.height);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${words}</text>`;
}
