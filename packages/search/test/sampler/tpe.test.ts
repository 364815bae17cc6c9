import { createSampler } from "@argmin/search";
import { describeSampler } from "@argmin/search/testing";

describeSampler({
  name: "tpe",
  make: (settings) => createSampler("tpe", settings),
  traits: { exhaustive: false, orderFree: false, ignoresHistory: false },
});
