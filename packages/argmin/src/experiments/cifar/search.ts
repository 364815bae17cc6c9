import type { AccuracyMetric, Callback, EpochRecord } from "@argmin/nn";
import { Paused } from "@argmin/search";
import type { Split } from "@argmin/vision";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TrialContext } from "../../experiment.ts";
import type { Images } from "./images.ts";
import type { LearnOptions, Learner } from "./learner.ts";
import { shownMetrics } from "./retraining.ts";

/** The training of a candidate. */
export interface CandidatePlan {
  readonly learner: Learner;
  readonly images: Images;
  readonly split: Split;
  readonly options: Omit<LearnOptions, "training" | "validation" | "initialEpoch" | "callbacks" | "signal">;
  /** The accuracy that the search is for. */
  readonly metric: AccuracyMetric;
  /** Beside the one that reports each epoch. */
  readonly callbacks?: readonly Callback[];
}

/**
 * The best accuracy on the validation images after any epoch, and why the training was given up, if it was. One that is to be paused
 * leaves a checkpoint, and goes on from it bit for bit when its trial is promoted. The learner is disposed of.
 */
export async function trainCandidate(
  { learner, images, split, options, metric, callbacks = [] }: CandidatePlan,
  { report, signal, log, checkpointFolder, resumed }: CandidateContext,
): Promise<{ readonly value: number; readonly stopped: string | undefined }> {
  const checkpoint = checkpointFolder === undefined ? undefined : join(checkpointFolder, "training.safetensors");
  const say = (record: EpochRecord): Promise<void> => report(record.epoch, shownMetrics(record, metric), { of: options.epochs });
  let earlier: readonly EpochRecord[] = [];
  try {
    if (resumed !== undefined) {
      if (checkpoint !== undefined && existsSync(checkpoint)) await learner.load(checkpoint, { optimizer: true });
      else log(`The checkpoint of epoch ${resumed.step} is not there, so the training begins anew.`);
    }
    const { epochs, stopped } = await learner.fit(images, {
      ...options,
      ...split,
      initialEpoch: learner.epoch,
      callbacks: [
        {
          onTrainBegin: async (context) => {
            ({ earlier } = context);
            const last = earlier.at(-1);
            // A process that was lost when it had just left its checkpoint: whether the trial is to be paused there is asked again.
            if (last !== undefined && last.epoch > (resumed?.step ?? 0)) await say(last);
          },
          onEpochEnd: async (record, { trainer }) => {
            try {
              await say(record);
            } catch (error) {
              if (error instanceof Paused && checkpoint !== undefined) await trainer.save(checkpoint, { optimizer: true });
              throw error;
            }
          },
        },
        ...callbacks,
      ],
      signal,
    });
    return { value: Math.max(...[...earlier, ...epochs].map(({ metrics }) => metrics[metric] ?? 0)), stopped };
  } finally {
    await learner.dispose();
  }
}

type CandidateContext = Pick<TrialContext<unknown>, "report" | "signal" | "log" | "checkpointFolder" | "resumed">;
