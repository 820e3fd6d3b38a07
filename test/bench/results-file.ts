import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, thisMachine } from './machine.ts';

/** What stands above numbers: how, when, where and of which commit they were taken. */
export function headOf(name: string, isQuick: boolean): string {
  const { date, commit, processor, node, cores } = thisMachine();
  const command = `npm run bench -- ${name}${isQuick ? ' --quick' : ''} --write`;
  return `Written by \`${command}\` on ${date}, commit ${commit}; ${processor}, ${cores} cores, Node ${node}; load average ${load()} before.`;
}

/** Says the lines, and where that is asked for writes them above the notes that the file has. */
export function finish(file: string, isWritten: boolean, lines: readonly string[]): void {
  for (const line of lines) console.log(line);
  if (!isWritten) return;
  const path = join(import.meta.dirname, file);
  writeFileSync(path, `${lines.join('\n')}\n${notesOf(path)}`);
}

/** The hand-written end of the results, which outlives them. */
export function notesOf(path: string): string {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const at = text.indexOf('\n## Notes\n');
  return at < 0 ? '' : text.slice(at);
}
