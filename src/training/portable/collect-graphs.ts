import type { OnnxGraph } from '../../engine/graph/onnx-graph.ts';
import { toOnnx } from '../../engine/graph/to-onnx.ts';
import { bake } from '../../engine/graph/trace.ts';
import type { GraphRunner, WholeGraph } from '../../native/whole-graph.ts';

/** What is asked to run graphs, and keeps them as ONNX instead, by their names. */
export function collectGraphs(): { runner: GraphRunner; graphs: Map<string, OnnxGraph> } {
  const graphs = new Map<string, OnnxGraph>();
  const nothing: WholeGraph = {
    run: () => {
      throw new Error('The graph was collected, not loaded.');
    },
    dispose: () => undefined,
  };
  return {
    graphs,
    runner: {
      load(graph, name) {
        graphs.set(name, toOnnx(graph, name).graph);
        return Promise.resolve(nothing);
      },
      loadTraced(traced, name) {
        graphs.set(name, toOnnx(bake(traced), name).graph);
        return Promise.resolve(nothing);
      },
    },
  };
}
