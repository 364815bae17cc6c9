import { ArgminError } from "@argmin/base";
import type { Augmentation, TargetBlend } from "@argmin/nn";

/**
 * Several augmentations, one after the other.
 *
 * @throws ArgminError `value/invalid` when applied, if more than one of them mixes targets.
 */
export function all(augmentations: readonly Augmentation[]): Augmentation {
  return {
    apply(batch, rng) {
      let blend: TargetBlend | undefined;
      for (const [position, augmentation] of augmentations.entries()) {
        // A stream each: what one draws leaves the others alone.
        const mixed = augmentation.apply(batch, rng.split("augmentation", position));
        if (mixed && blend) {
          throw new ArgminError(
            "value/invalid",
            "Targets can be mixed once a step; give augment.all one augmentation that mixes them.",
          );
        }
        blend ??= mixed;
      }
      return blend;
    },
  };
}
