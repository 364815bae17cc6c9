import type { Callback, Weights } from "@argmin/nn";

/** Ends a training with the mean of the weights after each of its last epochs (Izmailov et al., 2018). */
export function averageWeights(lastEpochs: number): Callback {
  let kept: Weights[] = [];
  return {
    onTrainBegin: () => {
      kept = [];
    },
    onEpochEnd: (_record, { trainer }) => {
      kept = [...kept, trainer.weights()].slice(-lastEpochs);
    },
    onTrainEnd: (_history, { trainer }) => {
      const names = [...(kept[0]?.keys() ?? [])];
      trainer.setWeights(new Map(names.map((name) => [name, mean(kept.flatMap((weights) => weights.get(name) ?? []))])));
    },
  };
}

function mean(arrays: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = arrays;
  return first.map((_, i) => arrays.reduce((sum, array) => sum + (array[i] ?? 0), 0) / arrays.length);
}
