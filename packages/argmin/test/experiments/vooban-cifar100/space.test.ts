import { Rng } from "@argmin/base";
import { createSampler, TrialHistory } from "@argmin/search";
import { describe, expect, expectTypeOf, it } from "vitest";
import { voobanCifar100 } from "../../../src/experiments/vooban-cifar100.ts";
import { points, type Settings } from "../../../src/experiments/vooban-cifar100/space.ts";

const { space } = voobanCifar100;

describe("the space of vooban-cifar100", () => {
  it("has the published labels and, for what is inside a choice, one more each", () => {
    expect(space.parameters.map(({ label }) => label)).toEqual([
      "lr_rate_mult",
      "l2_weight_reg_mult",
      "batch_size",
      "optimizer",
      "coarse_labels_weight",
      "conv_dropout_drop_proba",
      "fc_dropout_drop_proba",
      "use_BN",
      "first_conv",
      "first_conv_size",
      "residual",
      "residual_units",
      "conv_hiddn_units_mult",
      "nb_conv_pool_layers",
      "conv_pool_res_start_idx",
      "pooling_type",
      "conv_kernel_size",
      "res_conv_kernel_size",
      "fc_units_1_mult",
      "one_more_fc",
      "one_more_fc_mult",
      "activation",
    ]);
  });

  it("draws values within their bounds, the ends of a quantised range as often as the others", () => {
    const sampler = createSampler("random", {});
    const units = new Map<number, number>();
    for (let number = 0; number < 2000; number++) {
      const assignment = sampler.suggest({
        space,
        rng: Rng.fromSeed(1).split(number),
        number,
        index: number,
        history: new TrialHistory(),
        attempt: 0,
        pending: [],
        studyRng: Rng.fromSeed(1),
      });
      const { batch_size = 0, lr_rate_mult = 0, residual_units } = assignment;
      expect(batch_size % 5).toBe(0);
      expect(batch_size).toBeGreaterThanOrEqual(100);
      expect(batch_size).toBeLessThanOrEqual(450);
      expect(Math.abs(Math.log(lr_rate_mult))).toBeLessThanOrEqual(0.5);
      if (residual_units !== undefined) units.set(residual_units, (units.get(residual_units) ?? 0) + 1);
    }
    expect(new Set(units.keys())).toEqual(new Set([1, 2, 3, 4]));
    for (const count of units.values()) expect(Math.abs(count - 250)).toBeLessThan(60);
  });

  it("holds both named points, and reads them back as they were written", () => {
    expect(Object.keys(voobanCifar100.points)).toEqual(["demo", "published"]);
    for (const name of ["demo", "published"] as const) {
      const decoded: unknown = space.decode(voobanCifar100.points[name]!);
      expect(decoded).toEqual(points[name]);
    }
  });

  it("shows a candidate with its published labels, each with its value or null", () => {
    for (const name of ["demo", "published"] as const) expect(space.describe(voobanCifar100.points[name]!)).toEqual(points[name]);
  });

  it("gives samples a type of their own", () => {
    expectTypeOf<Settings["residual"]>().toEqualTypeOf<number | null>();
    expectTypeOf<Settings["first_conv"]>().toEqualTypeOf<3 | 4 | null>();
    expectTypeOf<Settings["pooling_type"]>().toEqualTypeOf<"max" | "avg" | "all_conv" | "inception">();
  });
});
