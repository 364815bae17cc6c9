import { hashJson, type JsonObject, type JsonValue } from "@argmin/base";
import { createReader, isActive, valueOf } from "./decode.ts";
import { createDescriber } from "./describe.ts";
import { createEncoder } from "./encode.ts";
import { createEnumeration } from "./enumeration.ts";
import type { Assignment, Space } from "./space.ts";
import { parametersOf, type LabelledDistribution } from "./structure.ts";
import type { SampleShape } from "./template.ts";

/** What the documents that `toJson` writes say of themselves. */
export const spaceFormat = { format: "argmin-space", version: 1 } as const;

/**
 * A space from its flat parts.
 *
 * @throws ArgminError `space/invalid` or `space/duplicate-label` if the parts do not fit together, `space/bounds` for a
 *   distribution without meaning.
 */
export function assembleSpace(distributions: readonly LabelledDistribution[], shape: SampleShape): Space<JsonValue> {
  const parameters = parametersOf(distributions, shape);
  const byLabel = new Map(parameters.map((parameter) => [parameter.label, parameter]));
  const read = createReader(byLabel, shape);
  const describe = createDescriber(parameters, byLabel);

  const effective = (assignment: Assignment): Assignment => {
    const active: Record<string, number> = {};
    for (const parameter of parameters) {
      if (isActive(parameter, assignment, active)) active[parameter.label] = valueOf(parameter, assignment);
    }
    return active;
  };
  const { encode, validate } = createEncoder(parameters, byLabel, shape);
  const toJson = (): JsonObject => ({
    ...spaceFormat,
    parameters: parameters.map(({ label, distribution }) => ({ label, distribution })),
    sample: shape,
  });
  let size: bigint | number | undefined;
  return Object.freeze({
    parameters,
    parameter: (label: string) => byLabel.get(label),
    decode: read,
    effective,
    hash: (assignment: Assignment) => hashJson(effective(assignment)),
    describe: (assignment: Assignment) => describe(effective(assignment)),
    encode,
    validate,
    size: () => (size ??= createEnumeration(parameters)?.size ?? Number.POSITIVE_INFINITY),
    toJson,
  });
}
