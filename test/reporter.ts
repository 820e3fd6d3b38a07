import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Ends a run with every skipped test and its reason, then the counts as the last line: `N passed, N failed, N skipped`. A file
 * that did not load, a suite whose preparation failed, and an error outside any test count as a failed test each. Goes after the
 * default reporter.
 */
export function countsReporter(): Reporter {
  let isFiltered = false;
  return {
    onInit: (vitest) => {
      // What `-t` leaves out counts as skipped, but nobody asks why.
      isFiltered = vitest.config.testNamePattern !== undefined;
    },
    onTestRunEnd: (modules, unhandledErrors) => {
      const tests = modules.flatMap((module) => [...module.children.allTests()]);
      const inState = (state: string) => tests.filter((test) => test.result().state === state);
      const brokenFiles = modules.filter((module) => module.errors().length > 0);
      const suites = modules.flatMap((module) => [...module.children.allSuites()]);
      const brokenSuites = suites.filter((suite) => suite.errors().length > 0);
      const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.result().state));
      const broken = brokenFiles.length + brokenSuites.length + unhandledErrors.length;
      const failedCount = inState('failed').length + broken;
      const lines = [
        ...(isFiltered ? [] : skipped.map(skipLine)),
        `${inState('passed').length} passed, ${failedCount} failed, ${skipped.length} skipped`,
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
    },
  };
}

function skipLine(test: TestCase): string {
  const result = test.result();
  const reason = result.state === 'skipped' ? result.note : undefined;
  return `skipped: ${fileOf(test.module)} > ${test.fullName}: ${reason ?? 'no reason given'}`;
}

function fileOf(module: TestModule): string {
  return relative(process.cwd(), module.moduleId);
}
