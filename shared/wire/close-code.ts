/** Why the server ends a connection. 3000-3499: connect again; 3500-3999: connecting again would end the same way. */
export const CLOSE_CODE = {
  shutdown: 3001,
  tokenExpired: 3005,
  slowClient: 3008,
  noPong: 3012,
  tooManyStrangers: 3013,
  badToken: 3500,
  badRequest: 3501,
  tooManyConnections: 3504,
} as const;

export type CloseCode = (typeof CLOSE_CODE)[keyof typeof CLOSE_CODE];

/** Close codes of RFC 6455 by which a peer says that our bytes are wrong: sending them again would not help. */
const OUR_FAULT: readonly number[] = [1002, 1003, 1007, 1008, 1009, 1010];

/** Whether a client that was closed with `code` should connect again. Everything unknown is taken for a network failure. */
export function mayReconnect(code: number): boolean {
  if (code >= 3500 && code <= 3999) return false;
  return !OUR_FAULT.includes(code);
}
