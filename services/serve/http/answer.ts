/** What an HTTP request gets. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function plainAnswer(status: number, text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}

export function jsonAnswer(status: number, value: unknown): Answer {
  const contentType = 'application/json; charset=utf-8';
  return { status, contentType, body: JSON.stringify(value) };
}

/** Without a word on whether the name exists and is not allowed, or does not exist. */
export function nothingAt(path: string): Answer {
  return jsonAnswer(404, { error: { message: `nothing at ${path}` } });
}
