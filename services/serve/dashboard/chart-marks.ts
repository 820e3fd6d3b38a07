import type uPlot from 'uplot';
import type { BandPoint, ChartGeometry } from './chart-geometry.ts';
import { colours } from './colours.ts';
import { AXIS_FONT } from './trend-chart.ts';

/** Opacity of the 95, 80 and 50 % band; they lie on each other. */
const FAN_ALPHA = [0.16, 0.2, 0.26];
const BEFORE_ALPHA = [0.1, 0.1, 0.12];
/** With more horizons dots would be a caterpillar. */
const MOST_DOTS = 8;
const TAG_PX = 18;

/** What lies below the lines: where the page was cut off, the bands, the line of now, switches of the model. */
export function drawGround(
  plot: uPlot,
  geometry: ChartGeometry,
  modelName: (sha: string) => string,
): void {
  const { ctx, bbox } = plot;
  const { fan, faint } = colours();
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  drawInterruptions(plot, geometry);
  ctx.fillStyle = fan;
  for (const [k, band] of geometry.before.entries()) paint(plot, band, BEFORE_ALPHA[k]);
  for (const [k, band] of geometry.fan.entries()) paint(plot, band, FAN_ALPHA[k]);
  ctx.globalAlpha = 0.5;
  upright(plot, geometry.now, { colour: faint });
  ctx.globalAlpha = 1;
  drawSwitches(plot, geometry, modelName);
  ctx.restore();
}

/** What lies above the lines: outcomes outside, the points, and the newest value on its axis. */
export function drawFigures(plot: uPlot, geometry: ChartGeometry, newest: string): void {
  const { miss, fan, ink } = colours();
  const size = devicePixelRatio;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - 4 * size, bbox.top, bbox.width + 8 * size, bbox.height);
  ctx.clip();
  for (const { x, y } of geometry.misses) cross(plot, x, y, miss);
  const ahead = geometry.point.slice(1);
  if (ahead.length <= MOST_DOTS) for (const { x, y } of ahead) dot(plot, x, y, 2.4 * size, fan);
  const [now] = geometry.point;
  dot(plot, now.x, now.y, 3.4 * size, ink);
  ctx.restore();
  drawTag(plot, now.y, newest);
}

function drawInterruptions(plot: uPlot, { interruptions }: ChartGeometry): void {
  const { ctx, bbox } = plot;
  const { faint, miss } = colours();
  for (const { after, until, kind } of interruptions) {
    const [left, right] = [after, until].map((x) => plot.valToPos(x, 'x', true));
    const colour = kind === 'lost' ? miss : faint;
    ctx.globalAlpha = 0.14;
    ctx.fillStyle = colour;
    ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
    ctx.globalAlpha = 1;
    label(plot, right, kind === 'lost' ? 'missing' : 'reconnected', { colour, row: 1 });
  }
}

function drawSwitches(
  plot: uPlot,
  { switches }: ChartGeometry,
  modelName: (sha: string) => string,
): void {
  const { second } = colours();
  let row = 0;
  let lastX = Number.NEGATIVE_INFINITY;
  for (const { x, sha } of switches) {
    upright(plot, x, { colour: second, dash: [3, 3] });
    const at = plot.valToPos(x, 'x', true);
    // Names that would lie on each other stand below each other.
    row = at - lastX < 60 * devicePixelRatio ? (row + 1) % 3 : 0;
    lastX = at;
    label(plot, at, modelName(sha), { colour: second, row: row + (row > 0 ? 1 : 0) });
  }
}

function upright(plot: uPlot, x: number, look: { colour: string; dash?: number[] }): void {
  const { ctx, bbox } = plot;
  const at = Math.round(plot.valToPos(x, 'x', true)) + 0.5;
  ctx.lineWidth = devicePixelRatio;
  ctx.strokeStyle = look.colour;
  ctx.setLineDash((look.dash ?? []).map((part) => part * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(at, bbox.top);
  ctx.lineTo(at, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
}

function label(
  plot: uPlot,
  right: number,
  text: string,
  { colour, row }: { readonly colour: string; readonly row: number },
): void {
  const { ctx, bbox } = plot;
  const size = devicePixelRatio;
  ctx.font = scaled(AXIS_FONT);
  ctx.textBaseline = 'top';
  ctx.fillStyle = colour;
  const width = ctx.measureText(text).width;
  const fits = right + 4 * size + width < bbox.left + bbox.width;
  ctx.textAlign = fits ? 'left' : 'right';
  ctx.fillText(text, right + (fits ? 4 : -4) * size, bbox.top + (3 + row * 14) * size);
}

/** The newest value, where the axis tells values. */
function drawTag(plot: uPlot, y: number, text: string): void {
  const { ctx, bbox } = plot;
  const { ink, panel } = colours();
  const size = devicePixelRatio;
  const middle = plot.valToPos(y, 'y', true);
  const left = bbox.left + bbox.width + 2 * size;
  ctx.save();
  ctx.font = scaled(AXIS_FONT);
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  ctx.fillStyle = ink;
  const width = ctx.measureText(text).width + 8 * size;
  ctx.beginPath();
  ctx.roundRect(left, middle - (TAG_PX / 2) * size, width, TAG_PX * size, 3 * size);
  ctx.fill();
  ctx.fillStyle = panel;
  ctx.fillText(text, left + 4 * size, middle + size / 2);
  ctx.restore();
}

function scaled(font: string): string {
  return font.replace(/(\d+)px/, (_all, px: string) => `${Number(px) * devicePixelRatio}px`);
}

function paint(plot: uPlot, band: readonly BandPoint[], alpha: number): void {
  if (band.length < 2) return;
  const { ctx } = plot;
  ctx.globalAlpha = alpha;
  ctx.beginPath();
  for (const { x, high } of band) {
    ctx.lineTo(plot.valToPos(x, 'x', true), plot.valToPos(high, 'y', true));
  }
  for (const { x, low } of band.toReversed()) {
    ctx.lineTo(plot.valToPos(x, 'x', true), plot.valToPos(low, 'y', true));
  }
  ctx.fill();
}

function dot(plot: uPlot, x: number, y: number, radius: number, colour: string): void {
  const { ctx } = plot;
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(plot.valToPos(x, 'x', true), plot.valToPos(y, 'y', true), radius, 0, 2 * Math.PI);
  ctx.fill();
}

/** A shape of its own: told apart without its colour. */
function cross(plot: uPlot, x: number, y: number, colour: string): void {
  const { ctx } = plot;
  const [atX, atY] = [plot.valToPos(x, 'x', true), plot.valToPos(y, 'y', true)];
  const reach = 3 * devicePixelRatio;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.6 * devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(atX - reach, atY - reach);
  ctx.lineTo(atX + reach, atY + reach);
  ctx.moveTo(atX - reach, atY + reach);
  ctx.lineTo(atX + reach, atY - reach);
  ctx.stroke();
}
