import { Rng } from "@argmin/base";
import { layer, sequential, trainedNetwork, type TrainedNetwork } from "@argmin/nn";
import { lightTheme, pictureText } from "@argmin/pictures";
import { textProblems } from "@argmin/pictures/testing";
import { describe, expect, it } from "vitest";
import {
  arrangeFilters,
  compareMethods,
  drawGrid,
  exciteFilters,
  gridFileName,
  methodName,
  type AscentOptions,
  type ExcitedFilter,
  type ExcitedLayer,
} from "@argmin/vision";
import { filterPixels } from "../../src/filters/grid.ts";
import { shiftImage, smooth } from "../../src/filters/methods.ts";

/** Two convolutions on small images; filter 3 of the second cannot be excited. */
function smallNetwork(): TrainedNetwork {
  const model = sequential({ input: [3, 8, 8], name: "small" }, [
    layer.conv2d({ name: "first", filters: 4, kernelSize: 3, padding: "same", activation: "elu" }),
    layer.conv2d({ name: "second", filters: 6, kernelSize: 3, padding: "same", activation: "relu" }),
    layer.flatten({ name: "flat" }),
    layer.dense({ name: "classes", units: 3, activation: "softmax" }),
  ]);
  const rng = Rng.fromSeed("weights");
  const weights = new Map(
    model.weights.map(({ name, size }) => [name, Float32Array.from({ length: size }, () => rng.uniform(-0.5, 0.5))]),
  );
  weights.get("second.bias")!.fill(-100, 3, 4);
  return trainedNetwork(model, weights);
}

const network = smallNetwork();
const excite = (options: Partial<AscentOptions> = {}): Promise<ExcitedLayer> =>
  exciteFilters(network, { layer: "second", steps: 12, ...options });

const pixelsOf = ({ filters }: ExcitedLayer): readonly number[] => filters.flatMap(({ image }) => [...image]);

describe("exciteFilters", () => {
  it("makes every filter's activation rise that can, with pixels that stay in their range", async () => {
    const { filters, total, shape } = await excite();
    expect([total, shape]).toEqual([6, { channels: 3, height: 8, width: 8 }]);
    expect(filters.map(({ filter }) => filter)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { filter, before, activation, image } of filters) {
      if (filter === 3) expect([before, activation]).toEqual([0, 0]);
      else expect(activation).toBeGreaterThan(before + 0.1);
      expect(image.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
    }
  });

  it("says what the network says of the image that it ends with", async () => {
    const { filters } = await excite({ filters: [2], steps: 3 });
    const [again] = (await excite({ filters: [2], steps: 4 })).filters;
    // One step more changes it: these are different looks at different images.
    expect(again!.activation).not.toBe(filters[0]!.activation);
    expect(again!.before).toBe(filters[0]!.before);
  });

  it("keeps to another range", async () => {
    const pixels = pixelsOf(await excite({ range: [-2, 4], steps: 4 }));
    expect(pixels.every((pixel) => pixel >= -2 && pixel <= 4)).toBe(true);
    expect(Math.max(...pixels)).toBeGreaterThan(1.5);
  });

  it("starts from grey with a little noise", async () => {
    const { filters } = await excite({ filters: [0], steps: 1, rate: 1e-9 });
    const { image } = filters[0]!;
    const mean = image.reduce((sum, pixel) => sum + pixel, 0) / image.length;
    const deviation = Math.sqrt(image.reduce((sum, pixel) => sum + (pixel - mean) ** 2, 0) / image.length);
    expect(mean).toBeCloseTo(0.5, 1);
    expect(deviation).toBeCloseTo(0.05, 1);
  });

  it("gives the same images for the same seed, whichever other filters are asked for", async () => {
    const options = { jitter: 1, totalVariation: 0.1, l2: 0.1 };
    const all = await excite(options);
    expect(pixelsOf(await excite(options))).toEqual(pixelsOf(all));
    const some = await excite({ ...options, filters: [4, 1] });
    expect(some.filters.map(({ filter }) => filter)).toEqual([4, 1]);
    const difference = some.filters[1]!.image.map((pixel, i) => Math.abs(pixel - all.filters[1]!.image[i]!));
    expect(Math.max(...difference)).toBeLessThan(1e-4);
    expect(pixelsOf(await excite({ ...options, seed: 1 }))).not.toEqual(pixelsOf(all));
  });

  it("finds the bright stripes of a filter that passes negative numbers, which the dark ones do not cancel", async () => {
    const stripes = sequential({ input: [1, 8, 8], name: "stripes" }, [
      layer.conv2d({ name: "edge", filters: 1, kernelSize: [1, 3] }),
    ]);
    const weights = new Map([
      ["edge.kernel", Float32Array.of(-1, 2, -1)],
      ["edge.bias", Float32Array.of(0)],
    ]);
    const { filters } = await exciteFilters(trainedNetwork(stripes, weights), { layer: "edge" });
    const { image, before, activation } = filters[0]!;
    // All that the mean over all places wants is in the first and the last two columns.
    const contrasts = Array.from({ length: 8 }, (_, y) => {
      const inner = image.subarray(8 * y + 2, 8 * y + 6);
      return Math.max(...inner) - Math.min(...inner);
    });
    expect(Math.min(...contrasts)).toBeGreaterThan(0.8);
    expect(before).toBeLessThan(0.1);
    expect(activation).toBeGreaterThan(0.5);
  });

  it("leaves an image alone that can excite its filter no more", async () => {
    const model = sequential({ input: [1, 8, 8], name: "saturated" }, [
      layer.flatten(),
      layer.dense({ name: "likely", units: 1, activation: "sigmoid" }),
    ]);
    const weights = new Map([
      ["likely.kernel", Float32Array.from({ length: 64 }, (_, i) => (i % 3 === 0 ? 10 : -10))],
      // Undecided at grey.
      ["likely.bias", Float32Array.of(100)],
    ]);
    const saturated = trainedNetwork(model, weights);
    const [once, often] = await Promise.all(
      [1, 9].map((steps) => exciteFilters(saturated, { layer: "likely", steps, rate: 0.1 })),
    );
    expect(once!.filters[0]!.activation).toBe(1);
    expect(often!.filters[0]!.activation).toBe(1);
    expect(often!.filters[0]!.image).toEqual(once!.filters[0]!.image);
  });

  it("makes images smoother by total variation, and paler by L2", async () => {
    const roughness = (image: Float32Array): number =>
      image.reduce((sum, pixel, i) => sum + Math.abs(pixel - (image[i - 1] ?? pixel)), 0);
    const strength = (image: Float32Array): number => image.reduce((sum, pixel) => sum + (pixel - 0.5) ** 2, 0);
    const [plain, smoother, paler] = await Promise.all([excite(), excite({ totalVariation: 1 }), excite({ l2: 3 })]);
    for (const place of [0, 1, 2, 4, 5]) {
      expect(roughness(smoother.filters[place]!.image)).toBeLessThan(roughness(plain.filters[place]!.image));
      expect(strength(paler.filters[place]!.image)).toBeLessThan(strength(plain.filters[place]!.image));
    }
  });

  it("tells how far it is, and stops when it is told to", async () => {
    const steps: (readonly [done: number, count: number])[] = [];
    await excite({ steps: 2, onStep: (done, count) => steps.push([done, count]) });
    expect(steps).toEqual([
      [6, 12],
      [12, 12],
    ]);
    const stop = new AbortController();
    const stopped = excite({ signal: stop.signal, onStep: () => stop.abort() });
    await expect(stopped).rejects.toMatchObject({ code: "training/interrupted" });
  });

  it("takes the units of dense layers too", async () => {
    const { filters } = await excite({ layer: "classes" });
    for (const { before, activation } of filters) expect(activation).toBeGreaterThan(before);
  });

  it("refuses in a sentence what cannot be", async () => {
    const flat = sequential({ input: [4], name: "flat" }, [layer.dense({ name: "only", units: 2 })]);
    const weights = new Map(flat.weights.map(({ name, size }) => [name, new Float32Array(size)]));
    await expect(exciteFilters(trainedNetwork(flat, weights), { layer: "only" })).rejects.toThrow("flat takes [4], no images");
    const wide = sequential({ input: [32, 32, 3], name: "wide" }, [layer.conv2d({ name: "only", filters: 2, kernelSize: 1 })]);
    const others = new Map(wide.weights.map(({ name, size }) => [name, new Float32Array(size)]));
    await expect(exciteFilters(trainedNetwork(wide, others), { layer: "only" })).rejects.toThrow(
      "wide takes [32, 32, 3], no images of [1 or 3, height, width]",
    );
    await expect(excite({ layer: "third" })).rejects.toThrow("small has no layer third; it has first, second, flat, classes.");
    await expect(excite({ filters: [6] })).rejects.toThrow("The layer second has the filters 0 to 5, not 6.");
    await expect(excite({ filters: [] })).rejects.toThrow("at least one filter");
    await expect(excite({ steps: 0 })).rejects.toThrow("The number of steps must be a positive whole number, not 0.");
    await expect(excite({ jitter: 0.5 })).rejects.toThrow("whole number of pixels");
    await expect(excite({ totalVariation: -1 })).rejects.toThrow("The total variation must be from 0, not -1.");
    await expect(excite({ l2: Number.NaN })).rejects.toThrow("The L2 weight must be from 0, not NaN.");
    await expect(excite({ rate: 0 })).rejects.toThrow("The rate must be above 0, not 0.");
    await expect(excite({ range: [1, 1] })).rejects.toThrow("the lower first, not 1, 1.");
  });
});

describe("the ways of keeping images plain", () => {
  const shape = { channels: 2, height: 3, width: 4 };
  const image = Float32Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) / 11);

  it("shift an image round its edges, and back", () => {
    const [there, back] = [new Float32Array(24), new Float32Array(24)];
    shiftImage(image, there, shape, 1, -2);
    // Row 0, column 2 goes to row 1, column 0.
    expect(there[4]).toBe(image[2]);
    shiftImage(there, back, shape, -1, 2);
    expect(back).toEqual(image);
    shiftImage(image, there, shape, -7, 9);
    shiftImage(there, back, shape, 7, -9);
    expect(back).toEqual(image);
  });

  it("take the slope of the total variation", () => {
    const variation = (pixels: Float64Array): number => {
      let sum = 0;
      for (let at = 0; at < 24; at++) {
        const [y, x] = [Math.floor(at / 4) % 3, at % 4];
        const down = y < 2 ? pixels[at + 4]! - pixels[at]! : 0;
        const right = x < 3 ? pixels[at + 1]! - pixels[at]! : 0;
        sum += Math.sqrt((down / 2) ** 2 + (right / 2) ** 2 + 1e-4);
      }
      return sum;
    };
    const direction = new Float32Array(24);
    smooth(image, direction, shape, 2, 3);
    const slope = (at: number): number => {
      const moved = (by: number): Float64Array => Float64Array.from(image, (pixel, i) => (i === at ? pixel + by : pixel));
      return (variation(moved(1e-5)) - variation(moved(-1e-5))) / 2e-5;
    };
    // In steps of the whole range, 2, and against the slope.
    direction.forEach((value, at) => expect(value).toBeCloseTo(-3 * 2 * slope(at), 3));
  });
});

/** Filters with flat images, whose activations are given. */
function flatLayer(activations: readonly number[], channels = 3): ExcitedLayer {
  const filters = activations.map((activation, filter): ExcitedFilter => ({
    filter,
    before: 0,
    activation,
    image: new Float32Array(channels * 4).fill((filter + 1) / 10),
  }));
  return { layer: "stage1_relu", total: 64, shape: { channels, height: 2, width: 2 }, range: [0, 1], filters };
}

describe("grids of filters", () => {
  it("hold as many as fill a square, the strongest first, and count what stays silent", () => {
    const excited = flatLayer([0.5, -1, 3, 0, 2, Number.NaN, 1]);
    const grid = arrangeFilters(excited);
    expect([grid.side, grid.shown.map(({ filter }) => filter)]).toEqual([2, [2, 4, 6, 0]]);
    expect(grid.silent).toEqual([1, 3, 5]);
    expect(gridFileName(excited, grid)).toBe("stage1_relu_4-of-64_2x2.png");
    expect(arrangeFilters(flatLayer([1])).side).toBe(1);
    // Those that nothing excited take no place.
    expect(arrangeFilters(flatLayer([1, 2, 0, 3])).shown.map(({ filter }) => filter)).toEqual([3]);
    expect(arrangeFilters(flatLayer([0, -1]))).toEqual({ side: 0, shown: [], silent: [0, 1] });
  });

  it("have five pixels between images, each pixel a square, and cross out what nothing excites", () => {
    const excited = flatLayer([1, 2, 0, 3, 5]);
    const grid = arrangeFilters(excited);
    const { width, height } = drawGrid(excited, grid);
    // Two images of 2 x 2 and three margins are 19 pixels, 58 times as large.
    expect([width, height]).toEqual([19 * 58, 19 * 58]);
    expect([...filterPixels(excited, grid.shown[0]!).data]).toEqual(Array(12).fill(128));
    expect([...filterPixels(excited, excited.filters[2]!).data]).toEqual(Array(12).fill(150));
    expect([...filterPixels(flatLayer([1], 1), flatLayer([1], 1).filters[0]!).data]).toEqual(Array(12).fill(26));
    expect(() => drawGrid(flatLayer([1], 2), arrangeFilters(flatLayer([1], 2)))).toThrow(
      "Images of 1 or 3 channels can be shown, not of 2.",
    );
  });

  it("show each image large enough to be looked at, however many there are", () => {
    const image = new Float32Array(3 * 32 * 32).fill(0.5);
    const filters = Array.from({ length: 225 }, (_, filter): ExcitedFilter => ({ filter, before: 0, activation: 1, image }));
    const shape = { channels: 3, height: 32, width: 32 };
    // Images of 32 pixels, twice as large: 15 of them and 16 margins.
    expect(drawGrid({ shape, range: [0, 1] }, arrangeFilters({ filters })).width).toBe(2 * (15 * 32 + 16 * 5));
  });

  it("stand beside each other for several ways, the same filters in the same places", () => {
    const way = (method: object, activations: readonly number[]) => ({ method, excited: flatLayer(activations) });
    const ways = [way({}, [1, 4, 3, 2]), way({ jitter: 1 }, [4, 1, 2, 0]), way({ jitter: 1, l2: 0.5 }, [1, 1, 1, 1])] as const;
    const picture = compareMethods(ways, lightTheme);
    const text = pictureText(picture, lightTheme);
    const words = [...text.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, word]) => word);
    expect(words).toEqual([
      "What excites the filters of stage1_relu",
      "4 of its 64 filters, the same in each grid; first those that the first grid excites most.",
      "Crossed out: nothing excited them.",
      "Plain",
      "the gradient alone",
      "mean activation 2.5",
      "Jitter of 1 pixel",
      "shifted before each step",
      "mean activation 1.75",
      "Jitter of 1 pixel and L2 0.5",
      "at once",
      "mean activation 1",
    ]);
    expect(textProblems(picture)).toEqual([]);
    const images = [...text.matchAll(/<image[^>]*href="([^"]*)"/g)].map(([, address]) => address);
    expect(images).toHaveLength(12);
    expect(images[0]).toBe(images[8]);
    expect(images[3]).toBe(images[11]);
  });

  it("name the ways in words", () => {
    expect(methodName({ totalVariation: 0.2 })).toBe("Total variation 0.2");
    expect(methodName({ jitter: 2, totalVariation: 0.2, l2: 1 })).toBe("All three");
  });
});
