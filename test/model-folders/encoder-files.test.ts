import { cp, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encode, nodesBetween, weightNames } from '../../src/engine/encoder/encoder-graph.ts';
import { encoderGraphModel } from '../../src/engine/encoder/encoder-graph-model.ts';
import { loadEncoder } from '../../src/engine/encoder/mobilenet-encoder.ts';
import { modelsFolder } from '../../src/model-folders/installed-models.ts';
import { encoderFolder, importPretrained, readEncoder, saveEncoder } from '../../src/model-folders/encoder-files.ts';
import { farthest, syntheticPixels, toyEncoder, toyFolder } from '../engine/encoder/toy-encoder.ts';
import { useTestBackend } from '../support/backend.ts';

useTestBackend();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-encoder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('importPretrained', () => {
  test('reads graph and weights', async () => {
    const { graph, weights } = await importPretrained(toyFolder);
    expect(graph.name).toBe('toy');
    expect(weights.get('Conv.w')?.shape).toEqual([3, 3, 3, 4]);
    expect(weights.get('block.depthwise.w')?.shape).toEqual([3, 3, 4, 1]);
  });

  test('names a file that is missing', async () => {
    await expect(importPretrained(folder)).rejects.toThrow(`There is no encoder ${folder}: it needs graph.json`);
    await cp(join(toyFolder, 'graph.json'), join(folder, 'graph.json'));
    await expect(importPretrained(folder)).rejects.toThrow(/Cannot read .*model\.safetensors: there is no such file\./);
  });

  test('names a file that is cut off', async () => {
    await cp(toyFolder, folder, { recursive: true });
    await truncate(join(folder, 'model.safetensors'), 1500);
    await expect(importPretrained(folder)).rejects.toThrow(
      /model\.safetensors: Not a safetensors file: it ends inside/,
    );
  });

  test('names a graph that is no JSON', async () => {
    await writeFile(join(folder, 'graph.json'), '{');
    await expect(importPretrained(folder)).rejects.toThrow(/graph\.json: .*JSON/);
  });

  test('names a weight that the file lacks', async () => {
    await cp(toyFolder, folder, { recursive: true });
    const graph = (await readFile(join(folder, 'graph.json'), 'utf8')).replace('"Conv.w"', '"Conv.v"');
    await writeFile(join(folder, 'graph.json'), graph);
    await expect(importPretrained(folder)).rejects.toThrow('lacks Conv.v');
  });
});

describe('the encoder of an exported captioner', () => {
  test('is the one that was exported, ready to be trained', async () => {
    const { graph, weights } = toyEncoder();
    await saveEncoder(folder, await encoderGraphModel(graph, weights));
    const again = await importPretrained(folder);
    expect(again.graph.nodes.map(({ id, op }) => [id, op])).toEqual(
      nodesBetween(graph, ['input'], 'last').map(({ id, op }) => [id, op]),
    );
    expect(again.graph.taps).toEqual({ last: graph.taps['last'], pre: graph.taps['pre'] });
    const pixels = syntheticPixels(2, 12);
    const [before, after] = [encode(graph, weights, pixels), encode(again.graph, again.weights, pixels)];
    expect(farthest(await after.data(), await before.data())).toBeLessThan(0.01);
  });

  test('of two networks side by side has one tap, and the scale of both', async () => {
    const { graph, weights } = await importPretrained(join(modelsFolder(), 'captioner-flickr8k-coco'));
    expect(graph.taps).toEqual({ last: 'efficientnet_lite1_240.beside' });
    const [mean, scale] = [graph.input.mean, graph.input.scale];
    for (const value of mean) expect(value).toBeCloseTo(127, 4);
    for (const value of scale) expect(value).toBeCloseTo(1 / 128, 8);
    expect([...weights.keys()].toSorted()).toEqual(weightNames(graph.nodes).toSorted());
  });
});

describe('an encoder in a folder', () => {
  test('is read as it was written', async () => {
    const { graph, weights } = toyEncoder();
    expect(await saveEncoder(folder, await encoderGraphModel(graph, weights))).toEqual(['encoder.json', 'encoder.bin']);
    expect((await readdir(folder)).toSorted()).toEqual(['encoder.bin', 'encoder.json']);
    const encoder = await loadEncoder(await readEncoder(folder));
    const pixels = syntheticPixels(1, 12);
    // Half precision is all that lies between them.
    expect(farthest(await encoder.encode(pixels).data(), await encode(graph, weights, pixels).data())).toBeLessThan(
      0.01,
    );
  });

  test('is refused when its weights are cut off', async () => {
    const { graph, weights } = toyEncoder();
    await saveEncoder(folder, await encoderGraphModel(graph, weights));
    await truncate(join(folder, 'encoder.bin'), 10);
    await expect(readEncoder(folder)).rejects.toThrow(/encoder\.json: The graph model's weights have 10 bytes/);
  });
});

test.each([5, null, ['x'], '', '..', 'a/b', 'a\\b', 'a\0b', 'x'.repeat(256)])('an encoder of %j is of nobody', (of) => {
  expect(() => encoderFolder(folder, of)).toThrow(/^model\.json names the encoder of .*, which is no name\.$/);
});
