import type { AccuracyMetric, Callback } from "@argmin/nn";
import type { Split } from "@argmin/vision";
import type { TrialContext } from "../../experiment.ts";
import type { Images } from "./images.ts";
import type { LearnOptions, Learner } from "./learner.ts";
import { shownMetrics } from "./retraining.ts";

/** The training of a candidate. */
export interface CandidatePlan {
  readonly learner: Learner;
  readonly images: Images;
  readonly split: Split;
  readonly options: Omit<LearnOptions, "training" | "validation" | "callbacks" | "signal">;
  /** The accuracy that the search is for. */
  readonly metric: AccuracyMetric;
  /** Beside the one that reports each epoch. */
  readonly callbacks?: readonly Callback[];
}

/** The best accuracy on the validation images after any epoch, and why the training was given up, if it was. The learner is disposed of. */
export async function trainCandidate(
  { learner, images, split, options, metric, callbacks = [] }: CandidatePlan,
  { report, signal }: Pick<TrialContext<unknown>, "report" | "signal">,
): Promise<{ readonly value: number; readonly stopped: string | undefined }> {
  try {
    const { epochs, stopped } = await learner.fit(images, {
      ...options,
      ...split,
      callbacks: [
        { onEpochEnd: (record) => report(record.epoch, shownMetrics(record, metric), { of: options.epochs }) },
        ...callbacks,
      ],
      signal,
    });
    return { value: Math.max(...epochs.map(({ metrics }) => metrics[metric] ?? 0)), stopped };
  } finally {
    await learner.dispose();
  }
}
