import { runCommand } from '#services/cli/run-command.ts';

/** Runs `foretick <args>` in this process. @returns exit code, and all that it wrote */
export async function heardCommand(
  args: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCommand(args.split(' ').filter(Boolean), environment, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isTerminal: false,
  });
  return { code, out, err };
}
