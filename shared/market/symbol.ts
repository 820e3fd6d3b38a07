import { PipelineError } from '../errors.ts';

/** An instrument's identifier, `venue:name` or a bare name; also our key. At most 64 of `A-Za-z0-9._:/-`. */
export type SymbolName = string & { readonly __symbol: never };

const LEGAL = /^[A-Za-z0-9._:/-]{1,64}$/;

/** The name is not one of ours. Reaction: reject the row, or refuse the setting that holds it. */
export class InvalidSymbolError extends PipelineError {
  override readonly code = 'SYMBOL_INVALID';
}

/** @throws InvalidSymbolError `SYMBOL_INVALID` */
export function asSymbol(name: string): SymbolName {
  if (!LEGAL.test(name)) {
    throw new InvalidSymbolError(
      `a symbol is 1 to 64 characters of A-Z a-z 0-9 . _ : / -, was ${JSON.stringify(name)}`,
      { name },
    );
  }
  return name as SymbolName;
}
