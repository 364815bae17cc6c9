import { ArgminError, type Rng } from "@argmin/base";

/** Indices to learn from and indices to validate on; no index is in both. Both ascend. */
export interface Split {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * `k` splits for cross-validation: every index is in the validation part of exactly one, and each class is dealt over the
 * folds so evenly that two folds' counts of it, as well as their sizes, differ by at most one.
 *
 * @throws ArgminError `value/invalid` unless `k` is a whole number from 2 to the number of labels.
 */
export function stratifiedFolds(labels: ArrayLike<number>, k: number, rng: Rng): readonly Split[] {
  if (!Number.isInteger(k) || k < 2 || k > labels.length) {
    throw new ArgminError("value/invalid", `Cannot make ${k} folds of ${labels.length} examples; ask for 2 to ${labels.length}.`);
  }
  const foldOf = new Uint32Array(labels.length);
  // One deal through all classes, never starting over at fold 0, is what keeps the sizes of the folds even too.
  classByClass(labels, rng).forEach((index, position) => {
    foldOf[index] = position % k;
  });
  return Array.from({ length: k }, (_, fold) => splitBy(labels.length, (index) => foldOf[index] === fold));
}

/**
 * One split that holds out `validationFraction` of all examples, to the nearest whole one, and of every class within one example.
 *
 * @throws ArgminError `value/invalid` unless the fraction lies between 0 and 1 and leaves both parts at least one example.
 */
export function stratifiedSplit(labels: ArrayLike<number>, validationFraction: number, rng: Rng): Split {
  const held = drawByClass(labels, validationFraction, rng);
  const split = splitBy(labels.length, (index) => held[index] === 1);
  if (validationFraction > 0 && validationFraction < 1 && split.training.length > 0 && split.validation.length > 0) return split;
  throw new ArgminError(
    "value/invalid",
    `Cannot hold out ${validationFraction} of ${labels.length} examples; give a fraction between 0 and 1 that leaves some on both sides.`,
  );
}

/**
 * `count` indices, ascending, of which each class has its share within one example.
 *
 * @throws ArgminError `value/invalid` unless `count` is a whole number from 1 to the number of labels.
 */
export function stratifiedSubset(labels: ArrayLike<number>, count: number, rng: Rng): Uint32Array {
  if (!Number.isInteger(count) || count < 1 || count > labels.length) {
    throw new ArgminError(
      "value/invalid",
      `Cannot take ${count} of ${labels.length} examples; ask for a whole number from 1 to ${labels.length}.`,
    );
  }
  const drawn = drawByClass(labels, count / labels.length, rng);
  return Uint32Array.from({ length: labels.length }, (_, index) => index).filter((index) => drawn[index] === 1);
}

/** Marks a fraction of the examples with 1. */
function drawByClass(labels: ArrayLike<number>, fraction: number, rng: Rng): Uint8Array {
  const drawn = new Uint8Array(labels.length);
  // The n-th example is drawn when the rounded running total rises: every class is right within one, the total exactly.
  classByClass(labels, rng).forEach((index, position) => {
    drawn[index] = Math.round((position + 1) * fraction) - Math.round(position * fraction);
  });
  return drawn;
}

/** All indices, class after class, each class in a random order of its own. */
function classByClass(labels: ArrayLike<number>, rng: Rng): readonly number[] {
  const members = new Map<number, number[]>();
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!;
    const list = members.get(label);
    if (list) list.push(index);
    else members.set(label, [index]);
  }
  return [...members].toSorted(([a], [b]) => a - b).flatMap(([label, indices]) => rng.split("class", label).shuffle(indices));
}

function splitBy(count: number, isValidation: (index: number) => boolean): Split {
  const indices = Uint32Array.from({ length: count }, (_, index) => index);
  return { training: indices.filter((index) => !isValidation(index)), validation: indices.filter(isValidation) };
}
