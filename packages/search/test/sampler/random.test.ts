import { compileSpace, createSampler, hp, spaceFromJson } from "@argmin/search";
import { conditionalSpace, contextOf, describeSampler } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";

describeSampler({
  name: "random",
  make: (settings) => createSampler("random", settings),
  traits: { exhaustive: false, orderFree: true, ignoresHistory: true },
});

describe("the random sampler", () => {
  const sampler = createSampler("random");

  it("takes options as often as their probabilities say", () => {
    const space = compileSpace({
      size: hp.pchoice([
        [0.7, "s"],
        [0.2, "m"],
        [0.1, "l"],
      ]),
      even: hp.choice([1, 2, 3, 4]),
    });
    const counts = { size: [0, 0, 0], even: [0, 0, 0, 0] };
    for (let number = 0; number < 4000; number++) {
      const { size, even } = sampler.suggest(contextOf(space, { number }));
      counts.size[size!]! += 1;
      counts.even[even!]! += 1;
    }
    for (const [i, share] of [0.7, 0.2, 0.1].entries()) expect(Math.abs(counts.size[i]! / 4000 - share)).toBeLessThan(0.035);
    for (const count of counts.even) expect(Math.abs(count / 4000 - 0.25)).toBeLessThan(0.035);
  });

  it("draws the same for a parameter when others join the space", () => {
    const lr = hp.loguniform(-9, 0);
    const small = compileSpace({ lr, units: hp.int(1, 64) });
    const large = compileSpace({ dropout: hp.uniform(0, 1), units: hp.int(1, 64), lr, more: hp.choice([lr, 1]) });
    for (let number = 0; number < 20; number++) {
      const before = sampler.suggest(contextOf(small, { number }));
      expect(sampler.suggest(contextOf(large, { number }))).toMatchObject(before);
    }
  });

  it("draws the same from a space that was stored and loaded", () => {
    const again = spaceFromJson(JSON.parse(JSON.stringify(conditionalSpace.toJson())));
    for (let number = 0; number < 20; number++) {
      expect(sampler.suggest(contextOf(again, { number }))).toEqual(sampler.suggest(contextOf(conditionalSpace, { number })));
    }
  });

  it("never changes what a seed means", () => {
    const first = sampler.suggest(contextOf(conditionalSpace, { seed: 3, number: 5 }));
    expect(first).toMatchInlineSnapshot(`
      {
        "batchSize": 40,
        "decay": 0.00011764848628156904,
        "layers": 1,
        "layers[1][0]": 28,
        "optimizer": 1,
        "optimizer.adam.beta": 0.8528937312036565,
      }
    `);
  });
});
