import { ArgminError, type Rng } from "@argmin/base";
import type { Shape } from "../graph/value.ts";
import type { ExampleValues } from "./examples.ts";

/** The examples of a step, gathered row after row, which an augmentation changes in place. */
export interface AugmentedBatch {
  /** `[rows, ...shape]`, of the type the examples have: bytes stay bytes. */
  readonly inputs: ExampleValues;
  readonly rows: number;
  /** Of one example, `[channel, height, width]` for images. */
  readonly shape: Shape;
}

/** Mixed targets (mixup): that of row `i` becomes `shares[i]` of its own and the rest of row `partners[i]`'s. */
export interface TargetBlend {
  readonly partners: Uint32Array;
  /** Between 0 and 1. */
  readonly shares: Float32Array;
}

/** Changes training batches before each step, never what is evaluated or predicted. */
export interface Augmentation {
  /**
   * Changes the batch in place, and says how targets are mixed if they are.
   *
   * @param rng - The only source of randomness: a stream of this step alone, so that training resumes bit for bit.
   */
  apply(batch: AugmentedBatch, rng: Rng): TargetBlend | undefined;
}

/**
 * Mixes the targets of a batch, `[rows, units]`, in place.
 *
 * @throws ArgminError `value/invalid` if the blend is none of this many rows.
 */
export function blendTargets(targets: Float32Array, rows: number, units: number, blend: TargetBlend): void {
  checkBlend(blend, rows);
  const { partners, shares } = blend;
  const own = targets.slice(0, rows * units);
  for (let row = 0; row < rows; row++) {
    const share = shares[row]!;
    const partner = partners[row]! * units;
    for (let unit = 0; unit < units; unit++) {
      targets[row * units + unit] = share * own[row * units + unit]! + (1 - share) * own[partner + unit]!;
    }
  }
}

function checkBlend({ partners, shares }: TargetBlend, rows: number): void {
  const isWhole = partners.length >= rows && shares.length >= rows;
  const isInside = isWhole && partners.subarray(0, rows).every((partner) => partner < rows);
  if (isInside && shares.subarray(0, rows).every((share) => share >= 0 && share <= 1)) return;
  throw new ArgminError(
    "value/invalid",
    `An augmentation mixed the targets of ${rows} rows wrongly; give each a partner below ${rows} and a share between 0 and 1.`,
  );
}
