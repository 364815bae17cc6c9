import { isActive } from "../space/decode.ts";
import { quantile } from "../space/domain.ts";
import type { Sampler } from "./sampler.ts";

/**
 * Draws every active parameter from its prior distribution, whatever the history.
 *
 * @remarks Each parameter has a stream of its own, named by its label: adding a parameter to a space, or moving one, leaves the
 *   draws of the others as they were.
 */
export function createRandomSampler(): Sampler {
  return {
    name: "random",
    settings: {},
    suggest: ({ space, rng }) => {
      const drawn: Record<string, number> = {};
      for (const parameter of space.parameters) {
        const { label, domain, condition } = parameter;
        if (condition === "requested" || isActive(parameter, drawn, drawn))
          drawn[label] = quantile(domain, rng.split(label).float());
      }
      return drawn;
    },
  };
}
