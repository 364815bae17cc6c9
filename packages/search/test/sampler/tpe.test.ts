import { createSampler } from "@argmin/search";
import { describeSampler } from "@argmin/search/testing";

for (const name of ["tpe", "hyperopt-tpe"]) {
  describeSampler({
    name,
    make: (settings) => createSampler(name, settings),
    traits: { exhaustive: false, orderFree: name === "hyperopt-tpe", ignoresHistory: false },
  });
}
