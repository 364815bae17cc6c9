import type { Rng } from "@argmin/base";
import type { Feature } from "./feature.ts";

/** A regression tree in columns, one row a node; node 0 is the root. */
export type Tree = {
  readonly nodeCount: number;
  /** The feature that a node splits on; -1 in a leaf. */
  readonly features: Int32Array;
  /** Of an ordered split: codes below go left. */
  readonly thresholds: Float64Array;
  /** Of an unordered split: 1 for each option that goes left. */
  readonly sets: readonly (Uint8Array | undefined)[];
  readonly lefts: Int32Array;
  readonly rights: Int32Array;
  /** The weighted mean of the targets in the node. */
  readonly values: Float64Array;
};

/** What a tree is grown on: distinct samples with weights; at most `largestSample` of them. */
export type Sample = {
  readonly size: number;
  readonly weights: Float64Array;
  readonly targets: Float64Array;
  /** For each feature the code of each sample: none is missing here. */
  readonly codes: readonly Float64Array[];
};

/** The sorting key packs the sample's place into 12 bits. */
export const largestSample = 4096;
const largestDepth = 64;

/**
 * Grows a tree until its leaves are pure, each split the one that lessens the squared error most, of equals a random one.
 * Unordered features split into any two sets: sorted by their means, the best pair of sets is a cut (Fisher, 1958).
 */
export function growTree(features: readonly Feature[], candidates: readonly number[], sample: Sample, rng: Rng): Tree {
  return new Growth(features, candidates, sample, rng).grow();
}

type Split = { readonly feature: number; readonly threshold: number; readonly set: Uint8Array | undefined };

class Growth {
  readonly #features: readonly Feature[];
  readonly #sample: Sample;
  readonly #rng: Rng;
  /** The features that may split, in an order that changes from node to node. */
  readonly #order: number[];
  /** The samples in any order; a node's are those from `start` to `end`. */
  readonly #members: Uint32Array;
  /** The same for each ordered feature, within each node sorted by its codes. */
  readonly #sorted: (Uint32Array | undefined)[];
  readonly #goesLeft: Uint8Array;
  readonly #spare: Uint32Array;
  readonly #nodes: {
    feature: number;
    threshold: number;
    set: Uint8Array | undefined;
    left: number;
    right: number;
    value: number;
  }[] = [];
  readonly #optionWeights: Float64Array;
  readonly #optionSums: Float64Array;
  readonly #present: Uint32Array;
  #weight = 0;
  #sum = 0;

  constructor(features: readonly Feature[], candidates: readonly number[], sample: Sample, rng: Rng) {
    this.#features = features;
    this.#sample = sample;
    this.#rng = rng;
    this.#order = [...candidates];
    this.#members = Uint32Array.from({ length: sample.size }, (_, i) => i);
    this.#goesLeft = new Uint8Array(sample.size);
    this.#spare = new Uint32Array(sample.size);
    const mostOptions = features.reduce((most, it) => Math.max(most, it.kind === "unordered" ? it.weights.length : 0), 0);
    this.#optionWeights = new Float64Array(mostOptions);
    this.#optionSums = new Float64Array(mostOptions);
    this.#present = new Uint32Array(mostOptions);
    this.#sorted = [];
    for (const f of candidates) {
      if (features[f]!.kind === "ordered") this.#sorted[f] = sortedBy(sample.codes[f]!, sample.size);
    }
  }

  grow(): Tree {
    const open = [{ start: 0, end: this.#sample.size, depth: 0, node: this.#add() }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { start, end, depth, node } = next;
      const isPure = this.#measure(start, end);
      const entry = this.#nodes[node]!;
      entry.value = this.#sum / this.#weight;
      const split = isPure || depth >= largestDepth ? undefined : this.#best(start, end);
      if (split === undefined) continue;
      const middle = this.#divide(split, start, end);
      Object.assign(entry, split);
      entry.left = this.#add();
      entry.right = this.#add();
      open.push({ start, end: middle, depth: depth + 1, node: entry.left });
      open.push({ start: middle, end, depth: depth + 1, node: entry.right });
    }
    return {
      nodeCount: this.#nodes.length,
      features: Int32Array.from(this.#nodes, ({ feature }) => feature),
      thresholds: Float64Array.from(this.#nodes, ({ threshold }) => threshold),
      sets: this.#nodes.map(({ set }) => set),
      lefts: Int32Array.from(this.#nodes, ({ left }) => left),
      rights: Int32Array.from(this.#nodes, ({ right }) => right),
      values: Float64Array.from(this.#nodes, ({ value }) => value),
    };
  }

  #add(): number {
    return this.#nodes.push({ feature: -1, threshold: 0, set: undefined, left: -1, right: -1, value: 0 }) - 1;
  }

  /** Sums up a node; says whether all its targets are equal. */
  #measure(start: number, end: number): boolean {
    const { weights, targets } = this.#sample;
    const first = targets[this.#members[start]!]!;
    let weight = 0;
    let sum = 0;
    let isPure = true;
    for (let i = start; i < end; i++) {
      const at = this.#members[i]!;
      weight += weights[at]!;
      sum += weights[at]! * targets[at]!;
      if (targets[at]! !== first) isPure = false;
    }
    this.#weight = weight;
    this.#sum = sum;
    return isPure;
  }

  #best(start: number, end: number): Split | undefined {
    // Where a node is small many features part it equally well: whichever comes first would be favoured.
    this.#rng.shuffle(this.#order);
    let gain = (this.#sum * this.#sum) / this.#weight + 1e-12;
    let best: Split | undefined;
    for (const f of this.#order) {
      const feature = this.#features[f]!;
      const found =
        feature.kind === "ordered" ? this.#cut(f, start, end, gain) : this.#part(f, feature.weights, start, end, gain);
      if (found === undefined) continue;
      gain = found.gain;
      best = found.split;
    }
    return best;
  }

  #cut(f: number, start: number, end: number, least: number): { readonly gain: number; readonly split: Split } | undefined {
    const { weights, targets, codes } = this.#sample;
    const column = codes[f]!;
    const sorted = this.#sorted[f]!;
    const total = this.#weight;
    const sum = this.#sum;
    let best = least;
    let place = -1;
    let leftWeight = 0;
    let leftSum = 0;
    let at = sorted[start]!;
    for (let i = start; i < end - 1; i++) {
      const weight = weights[at]!;
      leftWeight += weight;
      leftSum += weight * targets[at]!;
      const next = sorted[i + 1]!;
      if (column[next]! > column[at]!) {
        const rest = sum - leftSum;
        const gain = (leftSum * leftSum) / leftWeight + (rest * rest) / (total - leftWeight);
        if (gain > best) {
          best = gain;
          place = i;
        }
      }
      at = next;
    }
    if (place < 0) return undefined;
    const below = column[sorted[place]!]!;
    const above = column[sorted[place + 1]!]!;
    const middle = (below + above) / 2;
    // Between neighbouring numbers there is none: the middle is rounded to one of them.
    const threshold = middle > below ? middle : above;
    return { gain: best, split: { feature: f, threshold, set: undefined } };
  }

  #part(
    f: number,
    priors: Float64Array,
    start: number,
    end: number,
    least: number,
  ): { readonly gain: number; readonly split: Split } | undefined {
    const { weights, targets, codes } = this.#sample;
    const column = codes[f]!;
    const optionWeights = this.#optionWeights.fill(0, 0, priors.length);
    const optionSums = this.#optionSums.fill(0, 0, priors.length);
    for (let i = start; i < end; i++) {
      const at = this.#members[i]!;
      const option = column[at]!;
      optionWeights[option]! += weights[at]!;
      optionSums[option]! += weights[at]! * targets[at]!;
    }
    const present = this.#present;
    let size = 0;
    for (let option = 0; option < priors.length; option++) {
      if (optionWeights[option] === 0) continue;
      // Inserted in order of the means: options are few.
      const mean = optionSums[option]! / optionWeights[option]!;
      let place = size;
      for (; place > 0 && optionSums[present[place - 1]!]! / optionWeights[present[place - 1]!]! > mean; place--) {
        present[place] = present[place - 1]!;
      }
      present[place] = option;
      size += 1;
    }
    if (size < 2) return undefined;
    let best = least;
    let count = 0;
    let leftWeight = 0;
    let leftSum = 0;
    for (let i = 0; i < size - 1; i++) {
      leftWeight += optionWeights[present[i]!]!;
      leftSum += optionSums[present[i]!]!;
      const rest = this.#sum - leftSum;
      const gain = (leftSum * leftSum) / leftWeight + (rest * rest) / (this.#weight - leftWeight);
      if (gain > best) {
        best = gain;
        count = i + 1;
      }
    }
    if (count === 0) return undefined;
    let going = 0;
    for (let i = 0; i < count; i++) going += optionWeights[present[i]!]!;
    // Options that the node has not seen go where most of its samples go.
    const set = new Uint8Array(priors.length).fill(going / this.#weight > 0.5 ? 1 : 0);
    for (let i = 0; i < size; i++) set[present[i]!] = i < count ? 1 : 0;
    return { gain: best, split: { feature: f, threshold: 0, set } };
  }

  /** Moves what goes left to the front of the node, everywhere in the same order as before; returns where the right part begins. */
  #divide({ feature, threshold, set }: Split, start: number, end: number): number {
    const column = this.#sample.codes[feature]!;
    for (let i = start; i < end; i++) {
      const at = this.#members[i]!;
      const code = column[at]!;
      this.#goesLeft[at] = set === undefined ? (code < threshold ? 1 : 0) : set[code]!;
    }
    const middle = this.#partition(this.#members, start, end);
    for (const f of this.#order) {
      const sorted = this.#sorted[f];
      if (sorted !== undefined) this.#partition(sorted, start, end);
    }
    return middle;
  }

  #partition(places: Uint32Array, start: number, end: number): number {
    const goesLeft = this.#goesLeft;
    const spare = this.#spare;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const at = places[i]!;
      if (goesLeft[at] === 1) places[left++] = at;
      else spare[right++] = at;
    }
    for (let i = 0; i < right; i++) places[left + i] = spare[i]!;
    return left;
  }
}

/** The samples by ascending code: keys that hold code and place in one number sort without a comparison function. */
function sortedBy(codes: Float64Array, size: number): Uint32Array {
  const keys = new Float64Array(size);
  for (let i = 0; i < size; i++) keys[i] = Math.floor(codes[i]! * 2 ** 40) * largestSample + i;
  keys.sort();
  const places = new Uint32Array(size);
  for (let i = 0; i < size; i++) places[i] = keys[i]! % largestSample;
  return places;
}
