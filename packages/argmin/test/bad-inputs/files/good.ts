import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "good",
  summary: "a parabola",
  space: { x: hp.uniform(-1, 1), shape: hp.choice(["flat", "steep"]) },
  metric: "height",
  direction: "minimize",
  trials: 3,
  objective: ({ x, shape }) => (shape === "steep" ? 10 : 1) * x ** 2,
});
