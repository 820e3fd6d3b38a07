const SVG = 'http://www.w3.org/2000/svg';

/** An empty sparkline that stretches to its box; `sparklinePath` draws it. */
export function sparkline(className: string, width: number, height: number): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  for (const name of ['zero', 'line']) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('class', name);
    path.setAttribute('vector-effect', 'non-scaling-stroke');
    svg.append(path);
  }
  return svg;
}

/** @param zero draws a level line there and keeps it in view */
export function sparklinePath(svg: Element, values: readonly number[], zero?: number): void {
  const [, , width, height] = (svg.getAttribute('viewBox') ?? '').split(' ').map(Number);
  const [level, line] = svg.children;
  const all = zero === undefined ? values : [...values, zero];
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const y = (value: number) => (height - 1.5 - ((value - low) / span) * (height - 3)).toFixed(1);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map((value, k) => `${(k * step).toFixed(1)} ${y(value)}`);
  line.setAttribute('d', points.length < 2 ? '' : `M${points.join('L')}`);
  level.setAttribute('d', zero === undefined || values.length < 2 ? '' : `M0 ${y(zero)}H${width}`);
}
