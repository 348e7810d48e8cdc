import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { CARD_TOLERANCE, encodeOnCard, tryCards, type CardOptions } from '../../src/captioning/encode-on-card.ts';
import type { CaptionerModel } from '../../src/captioning/ready-captioner.ts';
import type { CardName } from '../../src/contract/constants/devices.ts';
import type { Cards } from '../../src/native/cards.ts';
import type { GraphRunner } from '../../src/native/whole-graph.ts';
import { describeOnnx, expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let processor: CaptionerModel;
let options: CardOptions & { folder: string };
let notes = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyPhoto(join(folder.path, 'photo.png'), 3);
  await writeTinyModel(folder.path);
});
beforeEach(async () => {
  processor = await loadCaptioner(join(folder.path, 'captioner-tiny'), { device: 'cpu' });
  options = { folder: join(folder.path, `notes-${notes++}`), sample: join(folder.path, 'photo.png') };
});
afterEach(() => processor.dispose());
afterAll(() => folder.remove());

/** What a card makes of a photo's grid; an error where it fails. */
type Computes = (grid: tf.Tensor3D, pixels: tf.Tensor4D) => tf.Tensor3D;
const right: Computes = (grid) => tf.add(grid, 1e-6);
const wrong: Computes = (grid) => tf.mul(grid, -1);
const slow: Computes = (grid) => {
  const end = performance.now() + 30;
  while (performance.now() < end);
  return right(grid, grid as never);
};
const absent: Computes = () => {
  throw new Error('/src/webgpu.cc:136 Initialize() status == Success was false. No supported adapters\nmore');
};

/** A captioner on ONNX Runtime with stubs for graphics cards. @param encoded counts what each encodes */
function withCards(cards: Partial<Record<CardName, Computes>>, encoded: string[] = []): [CaptionerModel, CardOptions] {
  const here: Cards = {
    offered: Object.keys(cards) as CardName[],
    open: (card) => ({ card }) as unknown as GraphRunner,
  };
  const model: CaptionerModel = {
    ...processor,
    backend: 'onnx',
    loadEncoder: async (runner) => {
      const { card } = runner as unknown as { card: CardName };
      const { encoder } = processor;
      return {
        ...encoder,
        encode: (pixels) =>
          tf.tidy(() => (encoded.push(card), (cards[card] as Computes)(encoder.encode(pixels), pixels))),
        dispose: () => encoded.push(`${card} is gone`),
      };
    },
  };
  return [model, { ...options, cards: () => here }];
}

const encode = ({ encoder }: CaptionerModel): void =>
  tf.tidy(() => void encoder.encode(tf.zeros([1, encoder.inputSize, encoder.inputSize, 3])));

describeOnnx('a graphics card', () => {
  it('is believed where it captions a sample photo as the processor does, and takes over', async () => {
    const encoded: string[] = [];
    await expectNoLeak(async () => {
      const model = await encodeOnCard(...named(withCards({ webgpu: right }, encoded)));
      expect(model.device).toEqual({ wanted: 'webgpu', used: 'webgpu', problem: null });
      encoded.length = 0;
      encode(model);
    });
    expect(encoded).toEqual(['webgpu']);
    expect(await readdir(options.folder)).toEqual([]);
  });

  it.each<[string, Computes]>([
    ['other words', wrong],
    ['looks elsewhere', (grid) => tf.mul(grid, 1 + 20 * CARD_TOLERANCE)],
    ['gave no probabilities', (grid) => tf.mul(grid, NaN)],
  ])('is not where it does not (%s): the processor stays, and a sentence says why', async (problem, computes) => {
    const encoded: string[] = [];
    const model = await encodeOnCard(...named(withCards({ webgpu: computes }, encoded)));
    expect(model.device).toMatchObject({ wanted: 'webgpu', used: 'cpu' });
    expect(model.device?.problem).toMatch(/^Photos are encoded on the processor, .*webgpu: /);
    expect(model.device?.problem).toContain(problem);
    expect([model.encoder === processor.encoder, encoded.at(-1)]).toEqual([true, 'webgpu is gone']);
  });

  it('that nobody names is taken only where it is faster, and the next is tried where one is not there', async () => {
    const model = await encodeOnCard(...any(withCards({ webgpu: absent, dml: slow })));
    expect(model.device?.used).toBe('cpu');
    expect(model.device?.problem).toContain('webgpu: No supported adapters; dml: it is right, and no faster');
    // Whoever names it has it.
    const [slowModel, slowOptions] = withCards({ dml: slow });
    expect((await encodeOnCard(slowModel, 'dml', slowOptions)).device?.used).toBe('dml');
  });

  it('that took Attend with it is left alone until somebody names it or asks the doctor', async () => {
    const [model, where] = withCards({ webgpu: right });
    // What stands there while one is tried, as a process leaves it that is no more.
    let left: [file: string, text: string] | undefined;
    const look = (): Cards => {
      const here = where.cards?.() as Cards;
      return {
        ...here,
        open(card) {
          const file = join(options.folder, readdirSync(options.folder)[0] as string);
          left = [file, readFileSync(file, 'utf8')];
          return here.open(card);
        },
      };
    };
    await encodeOnCard(model, 'webgpu', { ...where, cards: look });
    const [file, text] = left as [string, string];
    const { pid } = spawnSync(process.execPath, ['--version']);
    await writeFile(file, text.replace(String(process.pid), String(pid)));
    const next = await encodeOnCard(model, 'gpu', where);
    expect(next.device?.problem).toContain('webgpu: Attend ended while it tried it');
    expect(await tryCards(model, ['webgpu'], where)).toMatchObject([{ card: 'webgpu', problem: null }]);
    expect(await readdir(options.folder)).toEqual([]);
  });

  it('that fails later hands over to the processor, and says so', async () => {
    let isThere = true;
    const model = await encodeOnCard(
      ...named(withCards({ webgpu: (grid, pixels) => (isThere ? right : absent)(grid, pixels) })),
    );
    isThere = false;
    encode(model);
    expect(model.device).toMatchObject({ used: 'cpu' });
    expect(model.device?.problem).toContain('since webgpu failed: No supported adapters');
  });

  it('is out of reach of another engine than ONNX Runtime, and where it was built without', async () => {
    const [model, where] = withCards({ webgpu: right });
    const wasm = await encodeOnCard({ ...model, backend: 'wasm' }, 'gpu', where);
    expect(wasm.device?.problem).toContain('only ONNX Runtime reaches graphics cards, and here wasm runs');
    const other = await encodeOnCard(model, 'coreml', where);
    expect(other.device?.problem).toContain(
      'coreml: ONNX Runtime was built without it for this system; there is webgpu',
    );
  });
});

const named = ([model, where]: [CaptionerModel, CardOptions]) => [model, 'webgpu', where] as const;
const any = ([model, where]: [CaptionerModel, CardOptions]) => [model, 'gpu', where] as const;
