import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/files/package-root.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(join(packageRoot(), name), 'utf8'));

describe('an install', () => {
  // On Linux it would fetch libraries for NVIDIA's cards, and where it cannot, npm would leave the package out.
  test("does not run ONNX Runtime's install script", () => {
    const { allowScripts } = read('package.json') as { allowScripts: Record<string, boolean> };
    expect(allowScripts['onnxruntime-node']).toBe(false);
    // Before 11.19 npm does not know that field, but believes the lock, whose line "hasInstallScript" was taken out by
    // hand. `npm install onnxruntime-node` puts it back.
    const { packages } = read('package-lock.json') as { packages: Record<string, { hasInstallScript?: boolean }> };
    expect(packages['node_modules/onnxruntime-node']).toBeDefined();
    expect(packages['node_modules/onnxruntime-node']?.hasInstallScript).toBeUndefined();
  });

  // What only a dependency names lies where Attend does not find it, unless the install happens to be flat.
  test('brings every package that the code takes', () => {
    const src = join(packageRoot(), 'src');
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
    const code = files
      .filter((file) => file.endsWith('.ts') && !file.startsWith('renderer'))
      .map((file) => join(src, file));
    const taken = code.flatMap((file) =>
      [
        ...readFileSync(file, 'utf8').matchAll(
          /^(?!\s*\*|import type)[^\n]*\b(?:from |import |import\(|require\()'((?:@[^/']+\/)?[^./'][^/']*)[^']*'/gm,
        ),
      ].map(([, name]) => name as string),
    );
    const { dependencies, optionalDependencies } = read('package.json') as Record<string, object>;
    const named = new Set(Object.keys({ ...dependencies, ...optionalDependencies }));
    expect(taken).toContain('onnxruntime-node');
    expect([...new Set(taken)].filter((name) => !isBuiltin(name) && !named.has(name))).toEqual(['electron']);
  });
});
