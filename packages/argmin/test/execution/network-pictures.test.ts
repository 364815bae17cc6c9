import { ArgminError } from "@argmin/base";
import { layer, sequential } from "@argmin/nn";
import { hp } from "@argmin/search";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { NetworkPictures } from "../../src/execution/network-pictures.ts";
import { defineExperiment } from "../../src/index.ts";
import { it } from "../folder-fixture.ts";

const experiment = defineExperiment({
  name: "widths",
  summary: "how wide a layer should be",
  space: { units: hp.int(1, 64) },
  points: { narrow: { units: 2 } },
  metric: "score",
  direction: "maximize",
  network: ({ units }) => {
    if (units === 13) throw new ArgminError("model/invalid", "13 is no width.");
    return sequential({ input: [4] }, [layer.dense({ units })]);
  },
  objective: ({ units }) => units,
});

function best(number: number, units: number) {
  return { number, value: units, assignment: experiment.space.encode({ units }) };
}

function picturesIn(folder: string) {
  const failures: string[] = [];
  const onFailure = (text: string): void => void failures.push(text);
  return { pictures: new NetworkPictures({ experiment, options: {}, study: "s", folder, onFailure }), failures };
}

describe("NetworkPictures", () => {
  it("draws of several best trials in a row the last one", async ({ folder }) => {
    const { pictures, failures } = picturesIn(folder);
    pictures.begin();
    for (const [number, units] of [3, 9, 27].entries()) pictures.show(best(number, units));
    pictures.show(undefined);
    await pictures.close();
    expect(failures).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(["network-best.svg", "network-narrow.svg"]);
    expect(await readFile(join(folder, "network-best.svg"), "utf8")).toContain("s: best, trial 2, score 27");
  });

  it("takes back what it drew for a study that is not kept, and nothing else", async ({ folder }) => {
    const study = join(folder, "study");
    const first = picturesIn(study).pictures;
    first.begin();
    first.show(best(1, 3));
    await first.discard();
    expect(await readdir(folder)).toEqual([]);
    await mkdir(study);
    await writeFile(join(study, "network-narrow.svg"), "drawn before");
    const second = picturesIn(study).pictures;
    second.begin();
    await second.discard();
    expect(await readdir(study)).toEqual(["network-narrow.svg"]);
  });

  it("tells once of what cannot be drawn, and goes on", async ({ folder }) => {
    const { pictures, failures } = picturesIn(folder);
    for (const number of [1, 2]) {
      pictures.show(best(number, 13));
      await pictures.close();
    }
    pictures.show(best(3, 14));
    await pictures.close();
    expect(failures).toEqual(["A network could not be drawn: 13 is no width."]);
    expect(await readFile(join(folder, "network-best.svg"), "utf8")).toContain("trial 3");
  });
});
