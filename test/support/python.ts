import { execFileSync } from 'node:child_process';

/** A Python that has what a test needs; ATTEND_PYTHON may name one. */
export const PYTHON = process.env['ATTEND_PYTHON'] ?? 'python3';

/** Whether it has these modules: tests of what needs them are skipped without. */
export function pythonHas(...modules: string[]): boolean {
  try {
    execFileSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
