import { runCommand } from './run-command.ts';

process.exitCode = await runCommand(process.argv.slice(2), process.env);
// Handles that a hung service left open must not keep a finished command alive.
process.exit(process.exitCode);
