import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "endless",
  summary: "has trials that never end",
  space: { x: hp.uniform(-1, 1) },
  metric: "height",
  direction: "minimize",
  trials: 1,
  objective: () => {
    for (;;) Math.random();
  },
});
