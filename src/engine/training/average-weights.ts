import type { WeightArray } from '../checkpoint/checkpoint.ts';

/**
 * The mean of the weights of several checkpoints of one run, which says more than the last alone
 * (Vaswani et al. 2017, section 6.1, takes the last 5 or 20).
 *
 * @param checkpoints weights by name, read one after the other; one at a time is held
 * @returns new arrays, in the order of the first checkpoint
 * @throws RangeError where there is none, or where they are not of one model
 */
export async function averageWeights(
  checkpoints: Iterable<ReadonlyMap<string, WeightArray>> | AsyncIterable<ReadonlyMap<string, WeightArray>>,
): Promise<Map<string, WeightArray>> {
  const sums = new Map<string, { shape: number[]; data: Float64Array }>();
  let count = 0;
  for await (const weights of checkpoints) {
    count++;
    if (count === 1) {
      for (const [name, { shape, data }] of weights) sums.set(name, { shape, data: Float64Array.from(data) });
      continue;
    }
    if (weights.size !== sums.size) {
      throw new RangeError(`Checkpoint ${count} has ${weights.size} weights, the first has ${sums.size}.`);
    }
    for (const [name, sum] of sums) {
      const weight = weights.get(name);
      if (weight?.shape.join() !== sum.shape.join()) {
        throw new RangeError(
          `Checkpoint ${count} has ${weight ? `${name} in the shape [${weight.shape.join(', ')}]` : `no ${name}`}; the first has [${sum.shape.join(', ')}].`,
        );
      }
      for (let i = 0; i < sum.data.length; i++) sum.data[i] = (sum.data[i] as number) + (weight.data[i] as number);
    }
  }
  if (count === 0) throw new RangeError('There is no checkpoint to average.');
  const mean = ({ shape, data }: { shape: number[]; data: Float64Array }): WeightArray => ({
    shape: [...shape],
    data: Float32Array.from(data, (sum) => sum / count),
  });
  return new Map([...sums].map(([name, sum]) => [name, mean(sum)]));
}
