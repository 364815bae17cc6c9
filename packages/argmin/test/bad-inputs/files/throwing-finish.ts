import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "throwing-finish",
  summary: "fails at the very end",
  space: { x: hp.uniform(-1, 1) },
  metric: "height",
  direction: "minimize",
  trials: 2,
  objective: ({ x }) => x ** 2,
  finish: () => {
    throw new Error("the test set is gone");
  },
});
