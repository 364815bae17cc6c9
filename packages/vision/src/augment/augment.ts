import { all } from "./all.ts";
import { crop } from "./crop.ts";
import { cutout } from "./cutout.ts";
import { flip } from "./flip.ts";
import { mixup } from "./mixup.ts";

/** Ways to change training images at random, for `fit`'s `augmentation`. All work in place, on bytes as on numbers. */
export const augment = { all, crop, cutout, flip, mixup } as const;
