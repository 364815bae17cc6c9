import { createPruner } from "../../src/index.ts";
import { describePruner } from "../../src/testing/index.ts";

describePruner({
  name: "none",
  make: (settings) => createPruner("none", settings),
  traits: { relative: true, prunes: false },
});

describePruner({
  name: "successive-halving",
  make: (settings) => createPruner("successive-halving", settings),
  traits: { relative: true, prunes: true },
});

describePruner({
  name: "successive-halving with late rungs",
  make: (settings = { reductionFactor: 2, minimumResource: 2, bracket: 1 }) => createPruner("successive-halving", settings),
  traits: { relative: true, prunes: true },
});

describePruner({
  name: "median",
  make: (settings) => createPruner("median", settings),
  traits: { relative: true, prunes: true },
});

describePruner({
  name: "median with patience",
  make: (settings = { startupTrials: 3, warmupSteps: 4, intervalSteps: 3, minimumTrials: 2 }) => createPruner("median", settings),
  traits: { relative: true, prunes: true },
});
