import { PipelineError } from '../errors.ts';

/** The server closed for a reason that another attempt would meet again. Reaction: mend what the message says. */
export class ConnectionRefusedError extends PipelineError {
  override readonly code = 'CLIENT_REFUSED';
}

/** The server answered the subscription with an error. Reaction: mend the options. */
export class SubscriptionError extends PipelineError {
  override readonly code = 'CLIENT_SUBSCRIPTION';
}

/** The host has no WebSocket, and none was given. Reaction: pass `webSocket`, or run on Node 22 or newer. */
export class NoWebSocketError extends PipelineError {
  override readonly code = 'CLIENT_NO_WEBSOCKET';
}
