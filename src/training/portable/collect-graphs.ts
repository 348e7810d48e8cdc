import { constant, constantOf, type GraphDef } from '../../engine/graph/graph-def.ts';
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
        graphs.set(name, toOnnx(whole(graph()), name).graph);
        return Promise.resolve(nothing);
      },
      loadLoop(build, name) {
        graphs.set(
          name,
          build((traced) => whole(bake(traced))),
        );
        return Promise.resolve(nothing);
      },
      loadTraced(traced, name) {
        graphs.set(name, toOnnx(whole(bake(typeof traced === 'function' ? traced() : traced)), name).graph);
        return Promise.resolve(nothing);
      },
    },
  };
}

/** With whole numbers where those in memory are halves, as every program expects them. */
function whole(graph: GraphDef): GraphDef {
  const nodes = graph.nodes.map((node) => {
    if (node.op !== 'Const') return node;
    const value = constantOf(node);
    if (!value.place || value.place.file) return node;
    const { data, dataType, shape } = value;
    return constant(node.name, { data, dataType, shape });
  });
  return { ...graph, nodes };
}
