import { ArgminError, canonicalJson, type JsonValue } from "@argmin/base";
import { assembleSpace } from "./assemble.ts";
import { callOf } from "./distribution-check.ts";
import type { Distribution } from "./distribution.ts";
import type { Space } from "./space.ts";
import type { LabelledDistribution } from "./structure.ts";

/**
 * The space of a study whose trials ask for their parameters one by one: it grows as they ask.
 *
 * @remarks All trials of a study share one recorder; a trial's assignment holds what that trial asked for.
 */
export class SpaceRecorder {
  readonly #spaces = new Map<string, { readonly text: string; readonly single: Space<JsonValue> }>();
  readonly #distributions: LabelledDistribution[] = [];
  #space: Space<JsonValue> | undefined;

  /** @param known - The space as it was when the study was last put away. */
  constructor(known?: Space) {
    for (const { label, distribution } of known?.parameters ?? []) this.request(label, distribution);
  }

  /**
   * The space of this one parameter, whose samples are its values; a new name is recorded.
   *
   * @throws ArgminError `space/duplicate-label` if the name was used with another distribution before, `space/bounds` for a
   *   distribution without meaning, `space/invalid` for an empty name or a choice whose options hold parameters.
   */
  request(name: string, distribution: Distribution): Space<JsonValue> {
    const text = canonicalJson(distribution);
    const known = this.#spaces.get(name);
    if (known !== undefined) {
      if (known.text === text) return known.single;
      const [before] = known.single.parameters;
      throw new ArgminError(
        "space/duplicate-label",
        `'${name}' was ${before === undefined ? "something else" : describe(before.distribution)} before and is now ${describe(distribution)}; use one name for one distribution.`,
      );
    }
    if (name === "" || name === "__proto__")
      throw new ArgminError("space/invalid", `A parameter cannot have the name ${JSON.stringify(name)}.`);
    const single = assembleSpace([{ label: name, distribution }], { kind: "parameter", label: name });
    this.#spaces.set(name, { text, single });
    this.#distributions.push({ label: name, distribution });
    this.#space = undefined;
    return single;
  }

  /** All that was asked for until now. A sample holds, by label, what its trial asked for. */
  space(): Space<JsonValue> {
    this.#space ??= assembleSpace(this.#distributions, "requested");
    return this.#space;
  }
}

function describe(distribution: Distribution): string {
  if (distribution.kind !== "choice") return callOf(distribution);
  return `${callOf(distribution)}, ${canonicalJson(distribution.options.map((option) => (option.kind === "constant" ? option.value : null)))}`;
}
