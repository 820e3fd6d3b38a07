import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CaseResult } from './kernels/case-result.ts';
import { openField } from './kernels/field.ts';
import { FULL, QUICK, runKernels } from './kernels/kernels-bench.ts';
import { caseLines, goalLines, markdown } from './kernels/report.ts';
import { load, thisMachine } from './machine.ts';

const USAGE = 'usage: npm run bench -- kernels [--quick] [--write]';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, write: { type: 'boolean' } },
});
if (positionals.join() !== 'kernels') {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  await benchKernels(values.quick === true, values.write === true);
}

async function benchKernels(isQuick: boolean, isWritten: boolean): Promise<void> {
  const loadBefore = load();
  // Now, since the tree may change while it runs; what is measured is loaded already.
  const machine = thisMachine();
  const field = await openField(process.env['FORETICK_PYTHON'] ?? 'python3', console.log);
  for (const line of field.leftOut) console.log(`left out: ${line}`);
  const results: CaseResult[] = [];
  for await (const result of runKernels(field.contenders, isQuick ? QUICK : FULL)) {
    results.push(result);
    for (const line of caseLines(result)) console.log(line);
  }
  await field.close();
  for (const line of goalLines(results)) console.log(line);
  if (!isWritten) return;
  const path = join(import.meta.dirname, 'RESULTS.md');
  const facts = {
    command: `npm run bench -- kernels${isQuick ? ' --quick' : ''} --write`,
    machine,
    load: [loadBefore, load()] as const,
    contenders: field.contenders,
    leftOut: field.leftOut,
  };
  writeFileSync(path, markdown(results, facts) + notesOf(path));
  console.log(`written: ${path}`);
}

/** The hand-written end of the results, which outlives them. */
function notesOf(path: string): string {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const at = text.indexOf('\n## Notes\n');
  return at < 0 ? '' : text.slice(at);
}
