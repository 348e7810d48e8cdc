import type * as tf from '@tensorflow/tfjs-core';
import type { OnnxGraph } from '../engine/graph/onnx-graph.ts';
import { recurrenceGraph } from '../engine/graph/recurrence-graph.ts';
import { toOnnx, type OnnxModel } from '../engine/graph/to-onnx.ts';
import { trace, type Traced } from '../engine/graph/trace.ts';
import type { GraphDef } from '../engine/graph/graph-def.ts';
import { recurrentStep } from '../engine/layers/recurrent.ts';
import type { Seq2Seq } from '../engine/models/seq2seq.ts';
import { float, integers, listed, numbered, under } from './named-tensors.ts';

/**
 * A recurrent encoder, recorded part by part, as one graph: from `tokens` and `mask` to `memory/...` and `past/...`.
 * @param bake what puts the weights into a record
 */
export function recurrentEncoder(model: Seq2Seq, bake: (traced: Traced) => GraphDef): OnnxGraph {
  const { begin, finish, inputSize, recurrences } = model.encoding;
  const onnx = (traced: Traced, name: string): OnnxModel => toOnnx(bake(traced), name);
  const sizesOf = (i: number): number[] => {
    const { size, stateCount } = (recurrences[i] as (typeof recurrences)[number]).cell;
    return Array.from({ length: stateCount }, () => size);
  };

  const begun = trace({ tokens: integers('rows', 'places') }, ({ tokens }) =>
    numbered('gates', begin(tokens as tf.Tensor2D)),
  );
  const steps = recurrences.map((recurrence, i) => {
    const gates = begun.graph.outputs[`gates/${i}`]?.shape[2] as number;
    const sizes = sizesOf(i);
    const feeds = {
      gates: float('rows', gates),
      runs: float('rows', 1),
      ...numbered(
        'state',
        sizes.map((size) => float('rows', size)),
      ),
    };
    const traced = trace(feeds, ({ gates, runs, ...before }: Record<string, tf.Tensor>) =>
      numbered(
        'state',
        recurrentStep(recurrence, inputSize, gates as tf.Tensor2D, runs as tf.Tensor2D, listed('state', before)),
      ),
    );
    return { model: onnx(traced, `step/${i}`), direction: recurrence.direction, sizes };
  });
  const ends = recurrences.flatMap(({ cell }, i) => [
    [`states/${i}`, float('rows', 'places', cell.size)] as const,
    ...sizesOf(i).map((size, k) => [`final/${i}/${k}`, float('rows', size)] as const),
  ]);
  const finished = trace(
    { ...Object.fromEntries(ends), mask: float('rows', 'places') },
    (given: Record<string, tf.Tensor>) => {
      const states = listed<tf.Tensor3D>('states', given);
      const final = recurrences.map((_, i) => listed<tf.Tensor2D>(`final/${i}`, given));
      const { memory, past } = finish(states, final, given['mask'] as tf.Tensor2D);
      return { ...under('memory', memory), ...under('past', past) };
    },
  );
  return recurrenceGraph({ begin: onnx(begun, 'begin'), steps, finish: onnx(finished, 'finish') }, 'encoder');
}
