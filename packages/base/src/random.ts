import { ArgminError } from "./errors.ts";

/** What `Rng.state()` saves and `Rng.fromState()` takes: the key words, then the state words, 32 bits each. */
export type RngState = readonly number[];

type Words = readonly [number, number, number, number];

/**
 * A seeded, splittable stream of random numbers.
 *
 * The generator is xoshiro128** (Blackman and Vigna, 2018), whose 128-bit state is derived from the seed and the path of
 * `split` keys by MurmurHash3's mixing. `split` depends only on that path, never on how much was drawn from the parent,
 * so the same names give the same streams in any order, process or machine.
 */
export class Rng {
  readonly #key: Words;
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spareNormal: number | undefined;

  private constructor(key: Words, state: Words) {
    this.#key = key;
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /** The stream of a seed: any finite number or any text. */
  static fromSeed(seed: number | string): Rng {
    if (typeof seed === "number" && !Number.isFinite(seed)) {
      throw new ArgminError("value/invalid", `A seed must be a finite number or a text, not ${seed}.`);
    }
    return Rng.#fromKey(absorb([0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef], seed));
  }

  /** Goes on exactly where the stream that gave `state` stood. */
  static fromState(state: RngState): Rng {
    const words = state.map((word) => word | 0);
    const [k0, k1, k2, k3, a, b, c, d] = words;
    if (
      words.length !== 8 ||
      k0 === undefined ||
      k1 === undefined ||
      k2 === undefined ||
      k3 === undefined ||
      a === undefined ||
      b === undefined ||
      c === undefined ||
      d === undefined
    ) {
      throw new ArgminError("value/invalid", `A generator's state is 8 numbers, not ${state.length}.`);
    }
    if ((a | b | c | d) === 0) {
      throw new ArgminError(
        "value/invalid",
        "A generator's state cannot be all zeros: it would stay there; save it with state().",
      );
    }
    return new Rng([k0, k1, k2, k3], [a, b, c, d]);
  }

  static #fromKey(key: Words): Rng {
    const [a, b, c, d] = absorb(key, "state");
    return new Rng(key, (a | b | c | d) === 0 ? [1, 0, 0, 0] : [a, b, c, d]);
  }

  /** An independent stream named by `keys`; the parent is not advanced. */
  split(...keys: readonly (number | string)[]): Rng {
    return Rng.#fromKey(keys.reduce<Words>(absorb, this.#key));
  }

  /** The whole state as plain numbers. A spare normal deviate is dropped, so save between draws of `normal` pairs. */
  state(): RngState {
    return [...this.#key, this.#a, this.#b, this.#c, this.#d].map((word) => word >>> 0);
  }

  /** Uniform over the integers 0 to 2^32 - 1. */
  uint32(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled;
  }

  /** Fills `words` with what as many calls of `uint32` would return, several times as fast. */
  fillUint32(words: Uint32Array): void {
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    for (let i = 0; i < words.length; i++) {
      const product = Math.imul(b, 5);
      words[i] = Math.imul((product << 7) | (product >>> 25), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  /** Uniform over [0, 1) with 53 random bits. */
  float(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** Uniform over [low, high), up to rounding, which can reach `high`. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.float();
  }

  /** Normal by the polar method (Marsaglia, 1964). */
  normal(mean = 0, deviation = 1): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return mean + deviation * spare;
    }
    for (;;) {
      const u = 2 * this.float() - 1;
      const v = 2 * this.float() - 1;
      const square = u * u + v * v;
      if (square > 0 && square < 1) {
        const scale = Math.sqrt((-2 * Math.log(square)) / square);
        this.#spareNormal = v * scale;
        return mean + deviation * u * scale;
      }
    }
  }

  /**
   * Beta over [0, 1], by the ratio of two gamma variates, in logarithms so that shapes near 0 do not underflow.
   *
   * @throws ArgminError `value/invalid` unless both shapes are positive numbers.
   */
  beta(a: number, b: number): number {
    if (!(a > 0 && b > 0 && a < Infinity && b < Infinity)) {
      throw new ArgminError("value/invalid", `A beta distribution needs two positive numbers, not ${a} and ${b}.`);
    }
    const first = this.#logGamma(a);
    return 1 / (1 + Math.exp(this.#logGamma(b) - first));
  }

  /** The logarithm of a gamma variate of scale 1, by rejection from a cubed normal (Marsaglia and Tsang, 2000). */
  #logGamma(shape: number): number {
    if (shape < 1) return this.#logGamma(shape + 1) + Math.log(1 - this.float()) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.float()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
    }
  }

  /** Uniform over the integers 0 to count - 1, without the bias of a plain remainder. `count` is at most 2^53. */
  integer(count: number): number {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new ArgminError("value/invalid", `A random integer needs a positive whole number of outcomes, not ${count}.`);
    }
    if (count > 0x100000000) return Math.min(count - 1, Math.floor(this.float() * count));
    const limit = 0x100000000 - (0x100000000 % count);
    let draw = this.uint32();
    while (draw >= limit) draw = this.uint32();
    return draw % count;
  }

  /** Puts `items` in random order, in place (Fisher and Yates), and returns it. */
  shuffle<T extends { readonly length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }

  /** The numbers 0 to count - 1 in random order. */
  permutation(count: number): Uint32Array {
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    return this.shuffle(order);
  }
}

/** All words are kept as signed 32-bit integers: unsigned ones would leave V8's small-integer range and be boxed. */
function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Mixes a key into 128 bits: MurmurHash3's x86 128-bit rounds over the key's UTF-16 units, then its finaliser. */
function absorb(words: Words, key: number | string): Words {
  // The type prefix keeps the number 1 and the text "1" apart.
  const text = typeof key === "number" ? `#${Object.is(key, -0) ? 0 : key}` : `$${key}`;
  let [a, b, c, d] = words;
  for (let i = 0; i < text.length; i++) {
    const unit = Math.imul(text.charCodeAt(i) + Math.imul(i, 0x10001), 0x239b961b);
    a = (Math.imul(rotateLeft((a ^ Math.imul(rotateLeft(unit, 15), 0xab0e9789)) | 0, 19) + b, 5) + 0x561ccd1b) | 0;
    b = (Math.imul(rotateLeft((b ^ Math.imul(rotateLeft(unit, 16), 0x38b34ae5)) | 0, 17) + c, 5) + 0x0bcaa747) | 0;
    c = (Math.imul(rotateLeft((c ^ Math.imul(rotateLeft(unit, 17), 0xa1e38b93)) | 0, 15) + d, 5) + 0x96cd1c35) | 0;
    d = (Math.imul(rotateLeft((d ^ Math.imul(rotateLeft(unit, 18), 0x239b961b)) | 0, 13) + a, 5) + 0x32ac3b17) | 0;
  }
  a = (a ^ text.length) | 0;
  a = (a + b + c + d) | 0;
  b = finalise((b + a) | 0);
  c = finalise((c + a) | 0);
  d = finalise((d + a) | 0);
  a = finalise(a);
  a = (a + b + c + d) | 0;
  return [a, (b + a) | 0, (c + a) | 0, (d + a) | 0];
}

function finalise(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
