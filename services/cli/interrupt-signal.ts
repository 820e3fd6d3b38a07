import { PipelineError } from '#shared/errors.ts';

/** A signal told the command to stop. Reaction: none; a command that can go on says so. */
export class InterruptedError extends PipelineError {
  override readonly code = 'COMMAND_INTERRUPTED';
}

/** Aborts on the first SIGINT or SIGTERM; the second ends the process as if nobody listened. */
export function interruptSignal(): { readonly signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = (name: string): void => {
    close();
    const message = `${name} came before the end; the same command goes on from here`;
    controller.abort(new InterruptedError(message));
  };
  const close = (): void => {
    for (const name of names) process.off(name, onSignal);
  };
  for (const name of names) process.on(name, onSignal);
  return { signal: controller.signal, close };
}
