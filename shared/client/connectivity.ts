/** Whether there is a network at all, and when it comes back. */
export interface Connectivity {
  isOnline(): boolean;
  /** Calls once when there is a network again. @returns what forgets it */
  onOnline(call: () => void): () => void;
}

interface BrowserLike {
  readonly navigator?: { readonly onLine?: boolean };
  addEventListener?(type: 'online', listener: () => void, options: { once: true }): void;
  removeEventListener?(type: 'online', listener: () => void): void;
}

/** As browsers say it. Elsewhere nothing is known, so there always is one. */
export function hostConnectivity(host = globalThis as BrowserLike): Connectivity {
  return {
    isOnline: () => host.addEventListener === undefined || host.navigator?.onLine !== false,
    onOnline: (call) => {
      host.addEventListener?.('online', call, { once: true });
      return () => host.removeEventListener?.('online', call);
    },
  };
}
