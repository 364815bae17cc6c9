import { countRight } from "../metrics/accuracy.ts";
import type { Evaluation } from "./history.ts";
import type { TrainedOutput } from "./outputs.ts";

/** The loss and the accuracy of a pass over a set, summed batch by batch in float64. */
export class MetricSums {
  readonly #outputs: readonly TrainedOutput[];
  readonly #losses: number[];
  readonly #right: number[];
  #penalties = 0;
  #count = 0;

  constructor(outputs: readonly TrainedOutput[]) {
    this.#outputs = outputs;
    this.#losses = outputs.map(() => 0);
    this.#right = outputs.map(() => 0);
  }

  /**
   * Adds a batch.
   *
   * @param penalty - What regularizers added to its loss.
   * @returns The sum of its examples' losses, each with its weight: no finite number if training diverged.
   */
  add(predictions: readonly Float32Array[], targets: readonly Float32Array[], rows: number, penalty: number): number {
    let total = penalty * rows;
    this.#outputs.forEach(({ loss, weight, target: { units }, hasAccuracy }, i) => {
      const sum = loss.sum(predictions[i]!, targets[i]!, rows, units);
      this.#losses[i]! += sum;
      total += weight * sum;
      if (hasAccuracy) this.#right[i]! += countRight(predictions[i]!, targets[i]!, rows, units, loss.threshold);
    });
    this.#penalties += penalty * rows;
    this.#count += rows;
    return total;
  }

  /** Means over the examples so far. */
  evaluation(): Evaluation {
    const outputs = this.#outputs.map(({ name, weight, hasAccuracy }, i) => ({
      name,
      weight,
      loss: this.#losses[i]! / this.#count,
      accuracy: hasAccuracy ? this.#right[i]! / this.#count : undefined,
    }));
    const metrics: Record<string, number> = {};
    let loss = this.#penalties / this.#count;
    for (const output of outputs) {
      const { name, accuracy } = output;
      loss += output.weight * output.loss;
      if (name !== undefined) metrics[`${name}Loss`] = output.loss;
      if (accuracy !== undefined) metrics[name === undefined ? "accuracy" : `${name}Accuracy`] = accuracy;
    }
    return { loss, ...metrics };
  }

  /** The sums as plain numbers, for `restore`. */
  state(): readonly number[] {
    return [this.#count, this.#penalties, ...this.#losses, ...this.#right];
  }

  /** Goes on from the sums of another of the same outputs. */
  restore([count = 0, penalties = 0, ...sums]: readonly number[]): void {
    this.#count = count;
    this.#penalties = penalties;
    this.#outputs.forEach((_, i) => {
      this.#losses[i] = sums[i] ?? 0;
      this.#right[i] = sums[this.#outputs.length + i] ?? 0;
    });
  }
}
