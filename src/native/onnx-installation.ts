import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { packageRoot } from '../files/package-root.ts';

const PACKAGE = 'onnxruntime-node';

/**
 * The command that brings ONNX Runtime's package where npm left it out: a clone's own, or in the version that Attend was
 * tested with, beside Attend where that is installed for everybody or in a project. On Linux the package's script would
 * load libraries for NVIDIA's cards, and npm leaves the package out where that fails.
 */
export function onnxInstallation(root = packageRoot(), platform = process.platform): string {
  const modules = dirname(root);
  if (basename(modules) !== 'node_modules') return 'npm ci';
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const without = platform === 'linux' ? 'ONNXRUNTIME_NODE_INSTALL=skip ' : '';
  const isProject = existsSync(join(dirname(modules), 'package.json'));
  return `${without}npm install ${isProject ? '' : '--global '}${PACKAGE}@${optionalDependencies[PACKAGE]}`;
}
