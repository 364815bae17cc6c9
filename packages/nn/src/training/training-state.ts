import type { Rng } from "@argmin/base";
import type { Shape } from "../graph/value.ts";
import type { AnyModel } from "../layers/model.ts";
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
  readonly #modelSlot: string;
  readonly #sides: readonly [Side, Side];
  #current: 0 | 1 = 0;
  #edition = 0;

  /** @param modelSlot - What the model is when it is judged, exported or kept: the weights, or a slot with an average of them. */
  constructor(buckets: readonly Bucket[], slots: readonly string[], modelSlot: string = WEIGHTS) {
    this.#buckets = buckets;
    this.#slots = slots;
    this.#modelSlot = modelSlot;
    this.#sides = [allocateSide(buckets, slots), allocateSide(buckets, slots)];
  }

  /** Which side holds the state now. */
  get current(): 0 | 1 {
    return this.#current;
  }

  /** Another number after `reset` and each `set`: whoever has a copy of the state then needs another. */
  get edition(): number {
    return this.#edition;
  }

  /** Declares the other side to be the state, after a step wrote it. */
  swap(): void {
    this.#current = this.#current === 0 ? 1 : 0;
  }

  /** What is kept between steps beside the model. */
  get keptSlots(): readonly string[] {
    return this.#slots.map((slot) => (slot === this.#modelSlot ? WEIGHTS : slot));
  }

  /** Arrays to feed to a training step, by the names of the graph's inputs. */
  feeds(side: 0 | 1): Readonly<Record<string, Float32Array>> {
    return this.#arrays(side, [WEIGHTS, ...this.#slots], names.state);
  }

  /** Arrays to feed to a forward pass of the model, by the names of the graph's inputs. */
  modelFeeds(side: 0 | 1): Readonly<Record<string, Float32Array>> {
    return Object.fromEntries(
      this.#buckets.map((bucket) => [
        names.state(bucket, WEIGHTS),
        this.#sides[side].get(keyOf(bucket, this.#modelSlotOf(bucket)))!,
      ]),
    );
  }

  /** Arrays to fetch the next state into, by the names of the graph's outputs. */
  fetches(side: 0 | 1): Readonly<Record<string, Float32Array>> {
    return this.#arrays(side, [WEIGHTS, ...this.#slots], names.nextState);
  }

  /** Shapes of the arrays that are fed to a training step, by the same names. */
  shapes(): Readonly<Record<string, Shape>> {
    return Object.fromEntries(
      this.#buckets.flatMap((bucket) => slotsOf(bucket, this.#slots).map((slot) => [names.state(bucket, slot), bucket.shape])),
    );
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
  reset(model: AnyModel, rng: Rng): void {
    for (const { name, shape, fans, initializer } of model.weights) {
      this.set(name, initialize(initializer, shape, fans, rng.split("weight", name)));
    }
    for (const bucket of this.#buckets) {
      if (!bucket.isTrained) continue;
      for (const slot of this.#slots) if (slot !== this.#modelSlot) this.#array(bucket, slot).fill(0);
    }
    this.#edition += 1;
  }

  /** Gives the model a weight, from which training goes on; or one of its slots what it holds. */
  set(weight: string, data: Float32Array, slot?: string): void {
    for (const place of slot === undefined ? [undefined, WEIGHTS] : [slot]) this.view(weight, place).set(data);
    this.#edition += 1;
  }

  /** The live numbers of the model's weight, or of a slot of it, to be read: valid until the next step. */
  view(weight: string, slot?: string): Float32Array {
    for (const bucket of this.#buckets) {
      let start = 0;
      for (const { name, size } of bucket.weights) {
        if (name === weight) return this.#array(bucket, slot ?? this.#modelSlotOf(bucket)).subarray(start, start + size);
        start += size;
      }
    }
    throw new Error(`internal: no weight named ${weight}`);
  }

  /** Whether all weights are finite numbers. */
  isFinite(): boolean {
    return this.#buckets.every((bucket) => this.#array(bucket, WEIGHTS).every((value) => Number.isFinite(value)));
  }

  /** Statistics are means of their own and have no slots. */
  #modelSlotOf({ isTrained }: Bucket): string {
    return isTrained ? this.#modelSlot : WEIGHTS;
  }

  #array(bucket: Bucket, slot: string): Float32Array {
    return this.#sides[this.#current].get(keyOf(bucket, slot))!;
  }
}

type Side = ReadonlyMap<string, Float32Array>;

function keyOf(bucket: Bucket, slot: string): string {
  return `${bucket.name}/${slot}`;
}

/** Statistics have no slots beside themselves. */
function slotsOf({ isTrained }: Bucket, slots: readonly string[]): readonly string[] {
  return [WEIGHTS, ...(isTrained ? slots : [])];
}

function allocateSide(buckets: readonly Bucket[], slots: readonly string[]): Side {
  return new Map(
    buckets.flatMap((bucket) =>
      slotsOf(bucket, slots).map((slot) => [keyOf(bucket, slot), new Float32Array(bucket.size)] as const),
    ),
  );
}
