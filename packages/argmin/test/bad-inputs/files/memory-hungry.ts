import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "memory-hungry",
  summary: "has trials that eat all memory",
  space: { x: hp.uniform(-1, 1) },
  metric: "height",
  direction: "minimize",
  trials: 1,
  objective: () => {
    const kept: number[][] = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, i) => i + 0.5));
  },
});
