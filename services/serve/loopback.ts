const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** Whether the name or address can only mean this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host.toLowerCase());
}

/** Whether a `Host` header (or a URL's authority) is one we answer to: else a foreign page could reach us under its own name. */
export function isOurHost(authority: string | undefined, allowed: readonly string[]): boolean {
  const host = URL.parse(`http://${authority ?? ''}`)?.hostname ?? '';
  return isLoopback(host) || allowed.some((one) => one.toLowerCase() === host);
}

/** Programs send no Origin; a page sends its own, and only ours and those of this machine may connect. */
export function isOurOrigin(origin: string | undefined, allowed: readonly string[]): boolean {
  return origin === undefined || isOurHost(URL.parse(origin)?.host, allowed);
}
