import { isJsonObject, type JsonObject } from "@argmin/base";
import {
  distributionNames,
  distributions,
  gridDistributions,
  type DistributionEntry,
  type DistributionName,
} from "./distributions.ts";
import { namePattern } from "./parameters.ts";
import { mappingSchema } from "./shape.ts";

/** Those of which `distribution` may be left out. */
const inferable: ReadonlySet<DistributionName> = new Set([
  "constant",
  "categorical",
  "categorical_w_probabilities",
  "int_uniform",
  "uniform",
]);

/** The JSON Schema of parameters: definitions to refer to as `#/definitions/parameters` and `#/definitions/gridParameters`. */
export function parameterDefinitions(): JsonObject {
  const leaves = distributionNames.map((name) => {
    const { summary, keys }: DistributionEntry = distributions[name];
    const schema = mappingSchema(keys);
    const named = { distribution: { const: name } };
    const needed = inferable.has(name) ? [] : ["distribution"];
    return [
      name,
      {
        description: `${name}: ${summary}`,
        ...schema,
        properties: { ...named, ...(isJsonObject(schema["properties"]) ? schema["properties"] : {}) },
        required: [...needed, ...Object.keys(keys).filter((key) => keys[key]!.isRequired)],
      },
    ] as const;
  });
  const level = (what: string, of: readonly DistributionName[]): JsonObject => ({
    type: "object",
    description: "the parameters by name",
    propertyNames: { pattern: namePattern.source },
    minProperties: 1,
    additionalProperties: {
      anyOf: [
        ...of.map((name) => ({ $ref: `#/definitions/${name}` })),
        {
          type: "object",
          description: "further parameters, nested",
          properties: { parameters: { $ref: `#/definitions/${what}` } },
          required: ["parameters"],
          additionalProperties: false,
        },
      ],
    },
  });
  return {
    ...Object.fromEntries(leaves),
    parameters: level("parameters", distributionNames),
    gridParameters: level("gridParameters", gridDistributions),
  };
}
