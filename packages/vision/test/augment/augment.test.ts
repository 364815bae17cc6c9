import { isArgminError, Rng } from "@argmin/base";
import type { AugmentedBatch, Augmentation } from "@argmin/nn";
import { augment } from "@argmin/vision";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

type Shape = readonly [number, number, number];

interface Case {
  readonly shape: Shape;
  readonly rows: number;
  readonly isBytes: boolean;
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
  rows: fc.integer({ min: 1, max: 4 }),
  isBytes: fc.boolean(),
  seed: fc.integer(),
});

/** Pixels between 1 and 255, so that nothing in them looks like a fill of 0. */
function batchOf({ shape, rows, isBytes, seed }: Case): AugmentedBatch {
  const rng = Rng.fromSeed(seed);
  const bytes = Uint8Array.from({ length: rows * shape[0] * shape[1] * shape[2] }, () => 1 + rng.integer(255));
  return { inputs: isBytes ? bytes : Float32Array.from(bytes), rows, shape };
}

/** The images of a batch as plain numbers, one array an image. */
function imagesOf({ inputs, rows }: AugmentedBatch): number[][] {
  const size = inputs.length / rows;
  return Array.from({ length: rows }, (_, row) => [...inputs.subarray(row * size, (row + 1) * size)]);
}

function changed(augmentation: Augmentation, input: Case, seed = 1): { readonly before: number[][]; readonly after: number[][] } {
  const batch = batchOf(input);
  const before = imagesOf(batch);
  augmentation.apply(batch, Rng.fromSeed(seed));
  return { before, after: imagesOf(batch) };
}

/** The image whose pixel [channel, y, x] is what `source` says. */
function mapPixels(shape: Shape, source: (channel: number, y: number, x: number) => number): number[] {
  const [channels, height, width] = shape;
  return Array.from({ length: channels * height * width }, (_, i) =>
    source(Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width),
  );
}

function pixel(image: readonly number[], [, height, width]: Shape, channel: number, y: number, x: number): number {
  return image[(channel * height + y) * width + x]!;
}

/** Whether an image is one of the candidates: many are compared, so without a matcher's report. */
function isOneOf(image: readonly number[], candidates: readonly (readonly number[])[]): boolean {
  return candidates.some((candidate) => candidate.every((value, i) => value === image[i]));
}

/** Pearson's statistic of counts that should be even. */
function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}

const everyKind: readonly (readonly [string, (shape: Shape) => Augmentation])[] = [
  ["flip", () => augment.flip()],
  ["crop", () => augment.crop({ padding: 2 })],
  ["cutout", () => augment.cutout({ size: 3 })],
  ["mixup", () => augment.mixup({ alpha: 0.5 })],
  ["all", () => augment.all([augment.flip(), augment.crop({ padding: 2 }), augment.mixup({ alpha: 0.5 })])],
];

describe.each(everyKind)("%s", (_, make) => {
  it("does the same for the same stream, another thing for another, and leaves what lies behind the batch alone", () => {
    const input: Case = { shape: [3, 8, 8], rows: 16, isBytes: true, seed: 1 };
    const augmentation = make(input.shape);
    const run = (seed: number): unknown => {
      const batch = batchOf({ ...input, rows: 20 });
      const behind = batch.inputs.slice(16 * 192);
      const blend = augmentation.apply({ ...batch, rows: 16 }, Rng.fromSeed(seed));
      expect(batch.inputs.slice(16 * 192)).toEqual(behind);
      return { inputs: batch.inputs, blend };
    };
    const first = run(1);
    expect(run(1)).toEqual(first);
    expect(run(2)).not.toEqual(first);
  });

  it("changes numbers as it changes bytes", () => {
    const shared: Omit<Case, "isBytes"> = { shape: [3, 8, 8], rows: 16, seed: 1 };
    const augmentation = make(shared.shape);
    const bytes = changed(augmentation, { ...shared, isBytes: true }).after.flat();
    const numbers = changed(augmentation, { ...shared, isBytes: false }).after.flat();
    // Mixing bytes rounds.
    expect(numbers.every((number, i) => Math.abs(number - bytes[i]!) <= 0.5)).toBe(true);
  });
});

describe("flip", () => {
  it("leaves an image or mirrors it, as a plain implementation does, and twice is once too often", () => {
    fc.assert(
      fc.property(cases, (input) => {
        const { shape } = input;
        const batch = batchOf(input);
        const before = imagesOf(batch);
        augment.flip().apply(batch, Rng.fromSeed(1));
        imagesOf(batch).forEach((image, row) => {
          const mirrored = mapPixels(shape, (c, y, x) => pixel(before[row]!, shape, c, y, shape[2] - 1 - x));
          expect(isOneOf(image, [before[row]!, mirrored])).toBe(true);
        });
        augment.flip().apply(batch, Rng.fromSeed(1));
        expect(imagesOf(batch)).toEqual(before);
      }),
    );
  });

  it("turns half of the images", () => {
    const { before, after } = changed(augment.flip(), { shape: [1, 1, 2], rows: 10_000, isBytes: true, seed: 1 });
    const different = before.filter(([a, b]) => a !== b).length;
    const turned = after.filter((image, row) => image[0] !== before[row]![0]).length;
    expect(Math.abs(turned - different / 2)).toBeLessThan(4 * Math.sqrt(different / 4));
  });
});

describe("crop", () => {
  /** The piece at an offset of the padded image, pixel by pixel. */
  function piece(image: readonly number[], shape: Shape, [down, right]: readonly [number, number], isReflect: boolean): number[] {
    const mirror = (at: number, extent: number): number => (at < 0 ? -at : at >= extent ? 2 * (extent - 1) - at : at);
    return mapPixels(shape, (channel, toY, toX) => {
      const [y, x] = [toY + down, toX + right];
      if (isReflect) return pixel(image, shape, channel, mirror(y, shape[1]), mirror(x, shape[2]));
      return y < 0 || y >= shape[1] || x < 0 || x >= shape[2] ? 0 : pixel(image, shape, channel, y, x);
    });
  }

  function offsets(padding: number): (readonly [number, number])[] {
    const steps = Array.from({ length: 2 * padding + 1 }, (_, i) => i - padding);
    return steps.flatMap((down) => steps.map((right) => [down, right] as const));
  }

  it("cuts a piece out of the padded image, also where the padding is as wide as the image", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 5 }), fc.integer(), (input, padding, seed) => {
        const { before, after } = changed(augment.crop({ padding }), input, seed);
        after.forEach((image, row) => {
          expect(
            isOneOf(
              image,
              offsets(padding).map((offset) => piece(before[row]!, input.shape, offset, false)),
            ),
          ).toBe(true);
        });
      }),
    );
  });

  it("mirrors what is outside, without repeating the border", () => {
    const large = cases.filter(({ shape }) => Math.min(shape[1], shape[2]) >= 3);
    fc.assert(
      fc.property(large, fc.integer({ min: 1, max: 3 }), fc.integer(), (input, most, seed) => {
        const padding = Math.min(most, Math.ceil(Math.min(input.shape[1], input.shape[2]) / 2) - 1);
        const { before, after } = changed(augment.crop({ padding, fill: "reflect" }), input, seed);
        after.forEach((image, row) => {
          expect(
            isOneOf(
              image,
              offsets(padding).map((offset) => piece(before[row]!, input.shape, offset, true)),
            ),
          ).toBe(true);
        });
      }),
    );
  });

  it("takes every place as often as any other", () => {
    const shape: Shape = [1, 4, 4];
    const { before, after } = changed(augment.crop({ padding: 2 }), { shape, rows: 2_500, isBytes: true, seed: 3 });
    const counts = offsets(2).map(
      (offset) => after.filter((image, row) => piece(before[row]!, shape, offset, false).every((p, i) => p === image[i])).length,
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2_500);
    // 24 degrees of freedom: above this once in ten thousand times.
    expect(chiSquare(counts)).toBeLessThan(58);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a padding of %s", (padding) => {
    expect(() => augment.crop({ padding })).toThrow(/positive whole number of pixels/u);
  });

  it("refuses to mirror half an image", () => {
    const batch = batchOf({ shape: [3, 8, 10], rows: 1, isBytes: true, seed: 1 });
    expect(() => augment.crop({ padding: 4, fill: "reflect" }).apply(batch, Rng.fromSeed(1))).toThrow(
      /cannot mirror 4 pixels of images of 8 x 10; take less than half a side/u,
    );
  });
});

describe("cutout", () => {
  /** The image with the square around a centre blanked. */
  function blanked(image: readonly number[], shape: Shape, size: number, [y, x]: readonly [number, number]): number[] {
    const isInside = (at: number, centre: number): boolean =>
      at >= centre - Math.floor(size / 2) && at < centre - Math.floor(size / 2) + size;
    return mapPixels(shape, (c, atY, atX) => (isInside(atY, y) && isInside(atX, x) ? 0 : pixel(image, shape, c, atY, atX)));
  }

  function centres([, height, width]: Shape): (readonly [number, number])[] {
    return Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width] as const);
  }

  it("blanks one square whose centre is in the image", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 12 }), fc.integer(), (input, size, seed) => {
        const { before, after } = changed(augment.cutout({ size }), input, seed);
        after.forEach((image, row) => {
          expect(
            isOneOf(
              image,
              centres(input.shape).map((centre) => blanked(before[row]!, input.shape, size, centre)),
            ),
          ).toBe(true);
        });
      }),
    );
  });

  it("takes every pixel as its centre as often as any other", () => {
    const shape: Shape = [1, 5, 5];
    const { after } = changed(augment.cutout({ size: 1 }), { shape, rows: 5_000, isBytes: true, seed: 3 });
    const counts = centres(shape).map((_, i) => after.filter((image) => image[i] === 0).length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5_000);
    expect(chiSquare(counts)).toBeLessThan(58);
  });

  it("fills each channel with its colour, for bytes the nearest byte", () => {
    const shape: Shape = [3, 2, 2];
    const fill = [0.1, 0.2002, 1];
    const run = (isBytes: boolean): number[] =>
      changed(augment.cutout({ size: 9, fill }), { shape, rows: 1, isBytes, seed: 1 }).after.flat();
    expect(run(true)).toEqual([26, 26, 26, 26, 51, 51, 51, 51, 255, 255, 255, 255]);
    expect(run(false)).toEqual(mapPixels(shape, (channel) => Math.fround(fill[channel]!)));
  });

  it("refuses what is no square and no colour", () => {
    for (const size of [0, 2.5, Number.NaN]) expect(() => augment.cutout({ size })).toThrow(/positive whole number/u);
    const bytes = batchOf({ shape: [3, 4, 4], rows: 1, isBytes: true, seed: 1 });
    for (const fill of [-0.1, 1.1, [1, 1], []]) {
      expect(() => augment.cutout({ size: 2, fill }).apply(bytes, Rng.fromSeed(1))).toThrow(
        /cannot fill images of 3 channels with .*one a channel, from 0 to 1/u,
      );
    }
    const numbers = batchOf({ shape: [3, 4, 4], rows: 1, isBytes: false, seed: 1 });
    expect(() => augment.cutout({ size: 2, fill: -1 }).apply(numbers, Rng.fromSeed(1))).not.toThrow();
  });
});

describe("mixup", () => {
  it("mixes each example with its partner by the share its target is mixed by", () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0.05, max: 4, noNaN: true }), fc.integer(), (input, alpha, seed) => {
        const batch = batchOf(input);
        const before = imagesOf(batch);
        const { partners, shares } = augment.mixup({ alpha }).apply(batch, Rng.fromSeed(seed))!;
        expect([...partners].toSorted((a, b) => a - b)).toEqual(before.map((_, row) => row));
        imagesOf(batch).forEach((image, row) => {
          const share = shares[row]!;
          const mixed = before[row]!.map((own, i) => share * own + (1 - share) * before[partners[row]!]![i]!);
          expect(image).toEqual(input.isBytes ? mixed.map((value) => Math.floor(value + 0.5)) : mixed.map(Math.fround));
        });
      }),
    );
  });

  it("does with bytes that lie anywhere what it does with those at the start of a word", () => {
    const { inputs, rows, shape } = batchOf({ shape: [3, 4, 4], rows: 8, isBytes: true, seed: 1 });
    const memory = new Uint8Array(inputs.length + 3);
    memory.set(inputs, 3);
    const unaligned = memory.subarray(3);
    augment.mixup({ alpha: 1 }).apply({ inputs: unaligned, rows, shape }, Rng.fromSeed(1));
    augment.mixup({ alpha: 1 }).apply({ inputs, rows, shape }, Rng.fromSeed(1));
    expect([...unaligned]).toEqual([...inputs]);
  });

  it("serves batches of changing size and type with one object, and hands out blends that stay as they are", () => {
    const mixup = augment.mixup({ alpha: 1 });
    const small: Case = { shape: [1, 3, 3], rows: 2, isBytes: true, seed: 1 };
    const first = mixup.apply(batchOf(small), Rng.fromSeed(1))!;
    const kept = structuredClone(first);
    for (const input of [{ ...small, rows: 40 }, { ...small, isBytes: false }, small]) {
      const alone = changed(augment.mixup({ alpha: 1 }), input).after;
      expect(changed(mixup, input).after).toEqual(alone);
    }
    expect(first).toEqual(kept);
  });

  it("draws its shares from Beta(alpha, alpha)", () => {
    for (const alpha of [0.2, 1, 3]) {
      const { shares } = augment
        .mixup({ alpha })
        .apply(batchOf({ shape: [1, 1, 1], rows: 20_000, isBytes: true, seed: 1 }), Rng.fromSeed(4))!;
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
      expect(mean).toBeCloseTo(0.5, 1.7);
      expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2.3);
    }
  });

  it.each([0, -1, Infinity, Number.NaN])("refuses an alpha of %s", (alpha) => {
    expect(() => augment.mixup({ alpha })).toThrow(/positive number/u);
  });
});

describe("all", () => {
  it("does each in turn, and what one draws leaves the others alone", () => {
    const input: Case = { shape: [3, 8, 8], rows: 8, isBytes: true, seed: 2 };
    const nothing: Augmentation = { apply: (_, rng) => (rng.float(), undefined) };
    const busy: Augmentation = { apply: (_, rng) => (rng.permutation(9), undefined) };
    const crop = augment.crop({ padding: 2 });
    const quiet = changed(augment.all([nothing, crop]), input).after;
    expect(changed(augment.all([busy, crop]), input).after).toEqual(quiet);
    const { before, after } = changed(augment.all([]), input);
    expect(after).toEqual(before);
  });

  it("passes the blend on, and refuses a second one", () => {
    const batch = batchOf({ shape: [3, 8, 8], rows: 8, isBytes: true, seed: 2 });
    const mixup = augment.mixup({ alpha: 1 });
    expect(augment.all([mixup, augment.flip()]).apply(batch, Rng.fromSeed(1))?.shares).toHaveLength(8);
    expect(() => augment.all([mixup, augment.all([mixup])]).apply(batch, Rng.fromSeed(1))).toThrow(/mixed once a step/u);
  });
});

it.each([augment.flip(), augment.crop({ padding: 1 }), augment.cutout({ size: 1 })])(
  "refuses what is no image",
  (augmentation) => {
    const batch = { inputs: new Float32Array(6), rows: 2, shape: [3] };
    expect(() => augmentation.apply(batch, Rng.fromSeed(1))).toThrow(
      expect.toSatisfy(
        (error) => isArgminError(error, "value/invalid") && /changes images.*and the examples are \[3\]/u.test(error.message),
      ),
    );
  },
);
