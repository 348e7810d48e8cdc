import type { OnnxGraph, OnnxNode, OnnxValue } from './onnx-graph.ts';
import { OnnxWriter } from './onnx-writer.ts';
import { renamed, unique } from './put-together.ts';
import type { OnnxModel } from './to-onnx.ts';

/** What an encoder is made of that goes from token to token, in ONNX. */
export interface RecurrenceParts {
  /** From `tokens` (int32, [rows, places]) to `gates/0` and so on, one for each recurrence, [rows, places, gates]. */
  readonly begin: OnnxModel;
  /** The steps: each takes `gates` ([rows, gates]), `runs` ([rows, 1]) and `state/0` and so on, and gives the new states. */
  readonly steps: readonly {
    readonly model: OnnxModel;
    readonly direction: 'forward' | 'backward';
    readonly sizes: readonly number[];
  }[];
  /** From `states/0` ... ([rows, places, size]), `final/0/0` ... ([rows, size]) and `mask` ([rows, places]) to what is wanted. */
  readonly finish: OnnxModel;
}

/**
 * A recurrent encoder as one ONNX graph: a Scan for each direction, whose body is a step. It takes `tokens` and `mask`
 * (1 at a token, 0 at what only fills a row up) and gives what `finish` gives, for any number of rows and tokens.
 */
export function recurrenceGraph({ begin, finish, steps }: RecurrenceParts, name: string): OnnxGraph {
  const writer = new OnnxWriter([]);
  const begun = renamed(begin.graph, 'begin', {}, true);
  const rows = writer.emit(
    'Slice',
    [writer.emit('Shape', ['tokens'], 'tokens/shape'), writer.int64s([0]), writer.int64s([1])],
    'rows',
  );
  const runs = writer.emit('Unsqueeze', ['mask', writer.int64s([2])], 'runs');
  const zero = writer.floats('zero', [1, 1], Float32Array.of(0));

  const given: Record<string, string> = {};
  const scans: OnnxNode[] = [];
  const weights: OnnxGraph['initializers'][number][] = [];
  for (const [i, { direction, model, sizes }] of steps.entries()) {
    const first = sizes.map((size, k) => {
      const shape = writer.emit('Concat', [rows, writer.int64s([size])], `first/${i}/${k}/shape`, { axis: { int: 0 } });
      return writer.emit('Expand', [zero, shape], `first/${i}/${k}`);
    });
    const states = `scan/${i}/states`;
    const final = sizes.map((_, k) => `scan/${i}/final/${k}`);
    const { body, initializers } = bodyOf(model, i, sizes);
    weights.push(...initializers);
    // Going backward, what comes first is the last token.
    const way = { ints: [Number(direction === 'backward')] };
    scans.push({
      op: 'Scan',
      inputs: [...first, `begin/${begin.outputs[`gates/${i}`]}`, runs],
      outputs: [...final, states],
      attributes: {
        body: { graph: body },
        num_scan_inputs: { int: 2 },
        scan_input_axes: { ints: [1, 1] },
        scan_input_directions: { ints: [...way.ints, ...way.ints] },
        scan_output_axes: { ints: [1] },
        scan_output_directions: way,
      },
    });
    given[finish.inputs[`states/${i}`] ?? ''] = states;
    final.forEach((value, k) => (given[finish.inputs[`final/${i}/${k}`] ?? ''] = value));
  }
  const finished = renamed(finish.graph, 'finish', {
    ...given,
    mask: 'mask',
    ...Object.fromEntries(finish.graph.outputs.map((output) => [output.name, output.name])),
  });
  return {
    name,
    nodes: [...writer.nodes, ...begun.nodes, ...scans, ...finished.nodes],
    initializers: unique([
      ...writer.initializers.values(),
      ...begun.initializers,
      ...weights,
      ...finished.initializers,
    ]),
    inputs: [...begun.inputs, { name: 'mask', type: 'float32', shape: ['rows', 'places'] }],
    outputs: finished.outputs,
  };
}

/** The body of a Scan. Its weights belong to the graph around it. */
function bodyOf(
  { graph, inputs, outputs }: OnnxModel,
  index: number,
  sizes: readonly number[],
): { body: OnnxGraph; initializers: OnnxGraph['initializers'] } {
  const step = renamed(graph, `step/${index}`, {});
  const value = (key: string, size: number | string): OnnxValue => ({
    // What a step does not need it is given all the same.
    name: `step/${index}/${inputs[key] ?? key}`,
    type: 'float32',
    shape: ['rows', size],
  });
  const next = (k: number): string => `step/${index}/${outputs[`state/${k}`]}`;
  // A value is given once; a Scan wants h twice.
  const told = `step/${index}/h`;
  const [size = 0] = sizes;
  return {
    initializers: step.initializers,
    body: {
      name: `step ${index}`,
      nodes: [...step.nodes, { op: 'Identity', inputs: [next(0)], outputs: [told], attributes: {} }],
      initializers: [],
      inputs: [...sizes.map((own, k) => value(`state/${k}`, own)), value('gates', 'gates'), value('runs', 1)],
      outputs: [
        ...sizes.map((own, k): OnnxValue => ({ name: next(k), type: 'float32', shape: ['rows', own] })),
        { name: told, type: 'float32', shape: ['rows', size] },
      ],
    },
  };
}
