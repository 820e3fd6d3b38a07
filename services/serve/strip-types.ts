import { stripTypeScriptTypes } from 'node:module';

/**
 * TypeScript to JavaScript for the browser: types become blanks, so lines and columns stay. The only user of an experimental
 * function of Node (docs/decisions/0004); its warning is for us, not for the user's console.
 */
export function stripTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' });
  } finally {
    process.emitWarning = emitWarning;
  }
}
