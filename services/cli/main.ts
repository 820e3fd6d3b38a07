import { forgiveClosedReader, writtenOut } from '#shared/runtime/written-out.ts';
import { runCommand } from './run-command.ts';

const outputs = [process.stdout, process.stderr];
outputs.forEach(forgiveClosedReader);
process.exitCode = await runCommand(process.argv.slice(2), process.env);
await Promise.all(outputs.map(writtenOut));
// Handles that a hung service left open must not keep a finished command alive.
process.exit(process.exitCode);
