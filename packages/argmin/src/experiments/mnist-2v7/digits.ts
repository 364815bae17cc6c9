import { loadMnist, selectClasses, type LabelledImages } from "@argmin/vision";
import type { Environment } from "../../experiment.ts";

/** The digits 2 and 7. The search sees `train` alone; `test` is looked at once, after it. */
export interface Digits {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** All 12,223 training and 2,060 test images of the two digits. */
export async function loadDigits({ dataFolder, signal }: Pick<Environment, "dataFolder" | "signal">): Promise<Digits> {
  const { train, test } = await loadMnist({ dataFolder, signal });
  return { train: selectClasses(train, [2, 7]), test: selectClasses(test, [2, 7]) };
}
