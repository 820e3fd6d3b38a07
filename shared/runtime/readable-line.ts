const COLOURS: Readonly<Record<string, string>> = {
  debug: '\u001b[90m',
  info: '\u001b[32m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};

/** One JSON event as one line for a person: time, level, text, then `name=value` for every other field. */
export function readableLine(json: string): string {
  const { time, level, event, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${shownValue(value)}`);
  const colour = COLOURS[String(level)] ?? '';
  const head = `${String(time).slice(11, 23)} ${colour}${String(level).padEnd(5)}\u001b[0m ${event}`;
  return `${[head, ...shown].join(' ')}\n`;
}

function shownValue(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null && 'message' in value) {
    const { message, stack } = value as { message: unknown; stack?: unknown };
    return stack === undefined ? String(message) : `\n${String(stack)}\n`;
  }
  return JSON.stringify(value);
}
