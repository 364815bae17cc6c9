import { isActive } from "../../space/decode.ts";
import { quantile } from "../../space/domain.ts";
import type { Assignment } from "../../space/space.ts";
import type { SuggestContext } from "../sampler.ts";

/**
 * A draw from the priors such that of every `strata` suggestions in a row each parameter has one in each of as many equally
 * likely parts of its range (Latin hypercube sampling, McKay, Beckman and Conover 1979). Where that was turned down, a plain draw.
 */
export function drawStratified({ space, rng, studyRng, index, attempt }: SuggestContext, strata: number): Assignment {
  const block = Math.floor(index / strata);
  const drawn: Record<string, number> = {};
  for (const parameter of space.parameters) {
    const { label, domain, condition } = parameter;
    if (condition !== "requested" && !isActive(parameter, drawn, drawn)) continue;
    let unit = rng.split(label).float();
    if (attempt === 0) unit = (studyRng.split("strata", block, label).permutation(strata)[index % strata]! + unit) / strata;
    drawn[label] = quantile(domain, unit);
  }
  return drawn;
}
