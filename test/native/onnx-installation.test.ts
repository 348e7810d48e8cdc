import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxInstallation } from '../../src/native/onnx-installation.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

describe('what installs ONNX Runtime', () => {
  let folder: { path: string; remove: () => Promise<void> };
  let root: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    root = join(folder.path, 'node_modules', 'attend');
    await mkdir(root, { recursive: true });
    await writeFile(join(root, 'package.json'), '{"optionalDependencies": {"onnxruntime-node": "1.2.3"}}');
  });
  afterAll(() => folder.remove());

  it('is what installs a clone', () => expect(onnxInstallation()).toBe('npm ci'));

  it('puts it beside Attend, in its version, and on Linux without what its script would load', async () => {
    const project = join(folder.path, 'package.json');
    await writeFile(project, '{}');
    expect(onnxInstallation(root, 'darwin')).toBe('npm install onnxruntime-node@1.2.3');
    await rm(project);
    const everybody = 'ONNXRUNTIME_NODE_INSTALL=skip npm install --global onnxruntime-node@1.2.3';
    expect(onnxInstallation(root, 'linux')).toBe(everybody);
  });
});
