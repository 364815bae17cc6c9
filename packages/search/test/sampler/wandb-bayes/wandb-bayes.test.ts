import { createSampler } from "@argmin/search";
import { describeSampler } from "@argmin/search/testing";

describeSampler({
  name: "wandb-bayes",
  make: (settings = { candidates: 50 }) => createSampler("wandb-bayes", settings),
  traits: { exhaustive: false, orderFree: false, ignoresHistory: false },
});
