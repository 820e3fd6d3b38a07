import { PipelineError } from '#shared/errors.ts';

/** Without authentication only this machine may connect. Reaction: choose a loopback address. */
export class ServeHostError extends PipelineError {
  override readonly code = 'SERVE_HOST';
}

/** The address cannot be listened on. Reaction: end what uses it, or choose another port. */
export class ServeAddressError extends PipelineError {
  override readonly code = 'SERVE_ADDRESS';
}
