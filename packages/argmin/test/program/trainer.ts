import { hp } from "@argmin/search";
import { defineExperiment, program } from "argmin";
import { fileURLToPath } from "node:url";

export default defineExperiment({
  name: "trainer",
  summary: "a program that ends in every way a program can end",
  space: { x: hp.uniform(0, 1), use_norm: hp.choice([true, false]) },
  metric: "loss",
  direction: "minimize",
  curve: () => ({ metric: "loss", steps: 100 }),
  objective: program({ program: fileURLToPath(new URL("trainer.mjs", import.meta.url)), metric: "loss", direction: "minimize" }),
});
