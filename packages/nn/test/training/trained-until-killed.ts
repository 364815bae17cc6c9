import { callback, compileModel, type Callback } from "@argmin/nn";
import { examples, model, options, settings } from "./long-training.ts";

/** @file A process of `resume.test.ts`: writes a checkpoint after each step, says when it has taken the ninth, and waits for its end. */

const [, , path = ""] = process.argv;
const wait: Callback = {
  onStepEnd: async ({ step }) => {
    if (step < 9) return;
    process.send?.(step);
    await new Promise(() => setInterval(() => undefined, 1000));
  },
};
const trainer = compileModel(model, { loss: "categoricalCrossentropy", ...settings, seed: 3 });
await trainer.fit(examples, options([callback.checkpoint({ keep: "last", path, everySteps: 1 }), wait]));
