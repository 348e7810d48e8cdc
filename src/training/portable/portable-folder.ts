import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onnxBytes, OPSET } from '../../engine/graph/onnx-bytes.ts';
import type { OnnxGraph, OnnxValue } from '../../engine/graph/onnx-graph.ts';
import { readJson } from '../../files/read-file.ts';
import { writeFlushed } from '../../files/write-file.ts';
import { findNamedModel } from '../../model-folders/find-model.ts';
import { modelsFolder, type ModelKind } from '../../model-folders/installed-models.ts';
import { findTrained } from '../../model-folders/model-folder.ts';
import { CONFIG, isPublishedFolder } from '../../model-folders/published/published-folder.ts';

/** The formats of other programs. */
export const PORTABLE_FORMATS = ['onnx', 'safetensors'] as const;
export type PortableFormat = (typeof PORTABLE_FORMATS)[number];

/**
 * The folder of what is to be written: a model as its authors publish it, what `findTrained` finds, or a model that is
 * installed, by its name.
 */
export async function findPortable(source: string, kind: ModelKind): Promise<string> {
  if (!existsSync(source)) return findNamedModel(kind, source, modelsFolder());
  // Runs have a config.json, too, which names no family.
  const config = isPublishedFolder(source) ? await readJson(join(source, CONFIG)).catch(() => null) : null;
  const isPublished = (config as { model_type?: unknown } | null)?.model_type !== undefined;
  return isPublished ? source : findTrained(source);
}

/** Writes files into a folder: text as it is, what is neither text nor bytes as JSON. */
export async function writeFiles(folder: string, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const isPlain = typeof content === 'string' || content instanceof Uint8Array;
    await writeFlushed(join(folder, name), isPlain ? content : `${JSON.stringify(content, null, 1)}\n`);
  }
}

/** Graphs as files by their names. */
export const onnxFiles = (graphs: ReadonlyMap<string, OnnxGraph>): Record<string, Uint8Array> =>
  Object.fromEntries([...graphs].map(([name, graph]) => [`${name}.onnx`, onnxBytes(graph)]));

/** What goes into each graph and comes out, as tables for people. */
export function describeGraphs(graphs: ReadonlyMap<string, OnnxGraph>): string {
  const row = (kind: string, { name, shape, type }: OnnxValue): string =>
    `| ${kind} | \`${name}\` | ${type} | [${shape.join(', ')}] |`;
  const tables = [...graphs].map(([name, { inputs, outputs }]) =>
    [
      `## ${name}.onnx\n`,
      '|     | name | type | shape |',
      '| --- | ---- | ---- | ----- |',
      ...inputs.map((value) => row('in', value)),
      ...outputs.map((value) => row('out', value)),
    ].join('\n'),
  );
  return `${tables.join('\n\n')}\n\nOpset ${OPSET}. A word in a shape is any size; the same word is the same size. What is called \`next_NAME\` goes in as\n\`NAME\` at the next step.\n`;
}
