import { createGpSampler } from "../gp/gp.ts";
import { createTpeSampler } from "../tpe/tpe.ts";
import type { Sampler } from "../sampler.ts";
import type { AutoSettings } from "./settings.ts";
import { defaultTuning, type AutoTuning } from "./tuning.ts";
export function createAutoSampler(settings: AutoSettings, tuning: AutoTuning = defaultTuning): Sampler {
  const { startUpTrials, failed } = settings;
  const gp = createGpSampler({ startUpTrials, failed });
  const tpe = createTpeSampler({ startUpTrials, failed, candidates: 24, priorWeight: 1 });
  return {
    name: "auto",
    settings: { ...settings },
    suggest: (context) => {
      let n = 0;
      for (let i = 0; i < context.history.length; i++) if (!Number.isNaN(context.history.objectives[i]!)) n++;
      const t = tuning as any;
      const useGp = n <= tuning.gpTrials ? context.index % tuning.tpeEvery !== 0 : context.index % t.gpEvery === 0 && n <= t.gpLast;
      return (useGp ? gp : tpe).suggest(context);
    },
  };
}
