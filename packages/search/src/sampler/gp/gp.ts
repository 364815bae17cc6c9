import type { Space } from "../../space/space.ts";
import type { Sampler } from "../sampler.ts";
import { drawStratified } from "../tpe/start-up.ts";
import { fitTo, type Fit } from "./fit.ts";
import { kernelOf } from "./kernel.ts";
import { assignmentAt, layoutOf, pointOf, type Layout } from "./layout.ts";
import { areEqual, fittedLength, observationsOf, type Observations } from "./observations.ts";
import { believing, posteriorOf } from "./posterior.ts";
import { propose } from "./propose.ts";
import type { GpSettings } from "./settings.ts";
import { targetsOf } from "./targets.ts";
import { defaultTuning, type GpTuning } from "./tuning.ts";

/** After so many repeats in a row the model has nothing new to say, and the priors are drawn from. */
const attemptLimit = 16;

/** What follows from a space and from the last trials fitted to: kept only so as not to compute it for each trial. */
type Memory = { readonly layout: Layout; fitted: { readonly to: Observations; readonly fit: Fit } | undefined };

/**
 * A Gaussian process over the whole space, branches included, and the point where it expects the most improvement (D. R. Jones,
 * M. Schonlau and W. J. Welch, "Efficient global optimization of expensive black-box functions", 1998).
 */
export function createGpSampler(settings: GpSettings, tuning: GpTuning = defaultTuning): Sampler {
  const memories = new WeakMap<Space, Memory>();
  const memoryOf = (space: Space): Memory => {
    const memory = memories.get(space) ?? { layout: layoutOf(space), fitted: undefined };
    memories.set(space, memory);
    return memory;
  };
  const fitOf = (memory: Memory, to: Observations): Fit => {
    if (memory.fitted === undefined || !areEqual(memory.fitted.to, to)) {
      memory.fitted = { to, fit: fitTo(memory.layout, to.points, to.outcomes, tuning) };
    }
    return memory.fitted.fit;
  };
  return {
    name: "gp",
    settings: { ...settings },
    suggest: (context) => {
      const { space, history, pending, attempt, rng } = context;
      const memory = memoryOf(space);
      const { layout } = memory;
      const { startUpTrials, failed } = settings;
      const { points, outcomes, ranked } = observationsOf(layout, history, failed, tuning.modelLimit);
      if (attempt >= attemptLimit || ranked < startUpTrials || points.length === 0 || layout.axes.length === 0) {
        return drawStratified(context, startUpTrials);
      }
      const length = fittedLength(history.length, tuning.refitAlways, tuning.refitShare);
      const known = history.upTo(history.sequences[length - 1]!);
      const { hyper, pole } = fitOf(memory, observationsOf(layout, known, failed, tuning.fitLimit));
      const posterior = posteriorOf(kernelOf(layout, hyper), points, targetsOf(outcomes, pole).values);
      const underWay = pending.flatMap((assignment) => pointOf(layout, (label) => assignment[label]) ?? []);
      return assignmentAt(layout, propose(believing(posterior, underWay), attempt, tuning, rng.split("candidates")));
    },
  };
}
