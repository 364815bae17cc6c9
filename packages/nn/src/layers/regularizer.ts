import { ArgminError } from "@argmin/base";

/** What large weights cost: `l1 · Σ|w| + l2 · Σw²` is added to the loss, as in Keras. */
export interface Regularizer {
  readonly l1: number;
  readonly l2: number;
}

/** Keras's regularizers, 0.01 by default. Each throws `model/invalid` for a strength below 0. */
export const regularizer = Object.freeze({
  l1: (strength = 0.01): Regularizer => regularizerOf({ l1: strength, l2: 0 }),
  l2: (strength = 0.01): Regularizer => regularizerOf({ l1: 0, l2: strength }),
  l1l2: ({ l1 = 0.01, l2 = 0.01 }: Partial<Regularizer> = {}): Regularizer => regularizerOf({ l1, l2 }),
});

function regularizerOf(strengths: Regularizer): Regularizer {
  checkRegularizer(strengths, "A regularizer");
  return Object.freeze(strengths);
}

/** @throws ArgminError `model/invalid` unless both strengths are finite numbers of at least 0. */
export function checkRegularizer({ l1, l2 }: Regularizer, owner: string): void {
  const bad = [l1, l2].find((strength) => !(Number.isFinite(strength) && strength >= 0));
  if (bad === undefined) return;
  throw new ArgminError("model/invalid", `${owner} cannot have a strength of ${bad}; give finite numbers of at least 0.`);
}
