import { PipelineError } from '#shared/errors.ts';

/** Without tokens only this machine may connect. Reaction: choose a loopback address, or set keys. */
export class ServeHostError extends PipelineError {
  override readonly code = 'SERVE_HOST';
}

/** A token's signature, audience, expiry, tenant or symbols are not what is asked for. Reaction: get another token. */
export class TokenRefusedError extends PipelineError {
  override readonly code = 'SERVE_TOKEN';
}

/** The keys that tokens are verified with cannot be used. Reaction: mend the setting. */
export class TokenKeysError extends PipelineError {
  override readonly code = 'SERVE_TOKEN_KEYS';
}

/** The address cannot be listened on. Reaction: end what uses it, or choose another port. */
export class ServeAddressError extends PipelineError {
  override readonly code = 'SERVE_ADDRESS';
}
