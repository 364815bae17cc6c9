import type { Rng } from "@argmin/base";

const rounds = 8;

/**
 * A pseudo-random permutation of 0 to size - 1, computed point by point: no list of them is ever made.
 *
 * @remarks A Feistel network permutes the smallest range of 2 * k bits that holds them all; results outside are fed in again until
 *   one is inside (cycle walking; Black and Rogaway, "Ciphers with arbitrary finite domains", 2002), less than four times on average.
 */
export function createPermutation(size: bigint, rng: Rng): (index: bigint) => bigint {
  if (size <= 1n) return (index) => index;
  const halfBits = BigInt(Math.ceil((size - 1n).toString(2).length / 2));
  const mask = (1n << halfBits) - 1n;
  const streams = Array.from({ length: rounds }, (_, round) => rng.split("round", round));

  const scramble = (half: bigint, stream: Rng): bigint => {
    const words = stream.split(half.toString(36));
    let bits = 0n;
    for (let filled = 0n; filled < halfBits; filled += 32n) bits = (bits << 32n) | BigInt(words.uint32());
    return bits & mask;
  };
  const permute = (index: bigint): bigint => {
    let left = index >> halfBits;
    let right = index & mask;
    for (const stream of streams) [left, right] = [right, left ^ scramble(right, stream)];
    return (left << halfBits) | right;
  };
  return (index) => {
    let permuted = permute(index);
    while (permuted >= size) permuted = permute(permuted);
    return permuted;
  };
}
