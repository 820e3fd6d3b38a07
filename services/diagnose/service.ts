import { writeFile } from 'node:fs/promises';
import type { DiagnoseRequest } from './config.ts';
import { DiagnoseArgumentError } from './diagnose-error.ts';
import { type Diagnosis, diagnosisOf } from './diagnosis.ts';
import { reachChart } from './reach-chart.ts';
import { reportText } from './report.ts';

/**
 * Trains each cell on a task that needs a long memory, and says how far gradients reach before and after. The same request gives the
 * same numbers.
 *
 * @param tell told of each cell before it is trained
 * @throws DiagnoseArgumentError `DIAGNOSE_ARGUMENT` where the picture cannot be written
 */
export async function runDiagnose(
  request: DiagnoseRequest,
  tell: (line: string) => void,
): Promise<Diagnosis> {
  // An empty file first: a folder that is not there is better told before the training than after.
  if (request.svg !== null) await write(request.svg, '');
  const diagnosis = diagnosisOf(request, tell);
  if (request.svg !== null) await write(request.svg, reachChart(diagnosis));
  return diagnosis;
}

/** The numbers as tables. */
export function reportOf(diagnosis: Diagnosis): string {
  return reportText(diagnosis);
}

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw new DiagnoseArgumentError(
      `the picture must be a file that can be written, ${path} was not`,
      { path },
      cause,
    );
  });
}
