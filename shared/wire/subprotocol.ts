/** WebSocket subprotocols: how messages are written. Without one: JSON. */
export const SUBPROTOCOL = {
  json: 'foretick.v1',
  /** JSON, too; messages of the server that many receive come deflated. */
  deflated: 'foretick.v1.deflate',
  messagePack: 'foretick.v1.msgpack',
} as const;

/**
 * A subprotocol that begins so is a token: for browsers, which can set no header. It is offered beside one of the others,
 * and is never chosen, so that no answer repeats it.
 */
export const TOKEN_SUBPROTOCOL = 'foretick.token.';
