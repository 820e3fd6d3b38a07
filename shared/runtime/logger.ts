type Fields = Readonly<Record<string, unknown>>;

/** Events with fields: lower-case, past tense, constant text; numbers in fields; nothing per tick above `debug`. */
export interface Logger {
  debug(text: string, fields?: Fields): void;
  info(text: string, fields?: Fields): void;
  warn(text: string, fields?: Fields): void;
  error(text: string, fields?: Fields): void;
}
