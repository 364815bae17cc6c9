import type { Rng } from "@argmin/base";
import type { Model } from "../layers/model.ts";
import { initialize } from "../initializers/initializer.ts";
import { names, WEIGHTS } from "./graphs.ts";
import type { Bucket } from "./buckets.ts";

/**
 * The weights and the optimizer's slots, twice: a step reads one side and writes the other, then they change places.
 *
 * The arrays stay the same for the life of the state, so that runs can be bound to them once.
 */
export class TrainingState {
  readonly #buckets: readonly Bucket[];
  readonly #slots: readonly string[];
  readonly #sides: readonly [Side, Side];
  #current: 0 | 1 = 0;

  constructor(buckets: readonly Bucket[], slots: readonly string[]) {
    this.#buckets = buckets;
    this.#slots = slots;
    this.#sides = [allocateSide(buckets, slots), allocateSide(buckets, slots)];
  }

  /** Which side holds the state now. */
  get current(): 0 | 1 {
    return this.#current;
  }

  /** Declares the other side to be the state, after a step wrote it. */
  swap(): void {
    this.#current = this.#current === 0 ? 1 : 0;
  }

  /** Arrays to feed, by the names of the graph's inputs. */
  feeds(side: 0 | 1, which: "weights" | "all"): Readonly<Record<string, Float32Array>> {
    return this.#arrays(side, which === "all" ? [WEIGHTS, ...this.#slots] : [WEIGHTS], names.state);
  }

  /** Arrays to fetch the next state into, by the names of the graph's outputs. */
  fetches(side: 0 | 1): Readonly<Record<string, Float32Array>> {
    return this.#arrays(side, [WEIGHTS, ...this.#slots], names.nextState);
  }

  #arrays(side: 0 | 1, slots: readonly string[], nameOf: (bucket: Bucket, slot: string) => string) {
    return Object.fromEntries(
      this.#buckets.flatMap((bucket) =>
        slots.flatMap((slot) => {
          const array = this.#sides[side].get(keyOf(bucket, slot));
          return array === undefined ? [] : [[nameOf(bucket, slot), array]];
        }),
      ),
    );
  }

  /** First weights from the stream, each from one of its own, and slots of zeros. */
  reset(model: Model, rng: Rng): void {
    for (const { name, shape, fans, initializer } of model.weights) {
      this.view(name).set(initialize(initializer, shape, fans, rng.split("weight", name)));
    }
    for (const bucket of this.#buckets) {
      if (bucket.isTrained) for (const slot of this.#slots) this.#array(bucket, slot).fill(0);
    }
  }

  /** The live numbers of a weight, or of a slot of a weight: valid until the next step. */
  view(weight: string, slot: string = WEIGHTS): Float32Array {
    for (const bucket of this.#buckets) {
      let start = 0;
      for (const { name, size } of bucket.weights) {
        if (name === weight) return this.#array(bucket, slot).subarray(start, start + size);
        start += size;
      }
    }
    throw new Error(`internal: no weight named ${weight}`);
  }

  /** Whether all weights are finite numbers. */
  isFinite(): boolean {
    return this.#buckets.every((bucket) => this.#array(bucket, WEIGHTS).every((value) => Number.isFinite(value)));
  }

  #array(bucket: Bucket, slot: string): Float32Array {
    return this.#sides[this.#current].get(keyOf(bucket, slot))!;
  }
}

type Side = ReadonlyMap<string, Float32Array>;

function keyOf(bucket: Bucket, slot: string): string {
  return `${bucket.name}/${slot}`;
}

function allocateSide(buckets: readonly Bucket[], slots: readonly string[]): Side {
  return new Map(
    buckets.flatMap((bucket) =>
      [WEIGHTS, ...(bucket.isTrained ? slots : [])].map((slot) => [keyOf(bucket, slot), new Float32Array(bucket.size)] as const),
    ),
  );
}
