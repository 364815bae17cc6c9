import { channelStatistics, type LabelledImages } from "@argmin/vision";
import { describe, expect, it } from "vitest";

const set: LabelledImages = {
  images: Uint8Array.of(0, 2, 10, 10, 4, 6, 250, 255),
  labels: Uint8Array.of(0, 0),
  count: 2,
  height: 1,
  width: 2,
  channels: 2,
  classes: ["one"],
};

describe("channelStatistics", () => {
  it("is the mean and the deviation of each channel", () => {
    const { mean, deviation } = channelStatistics(set);
    expect(mean).toEqual([3 / 255, 131.25 / 255]);
    expect(deviation[0]! * 255).toBeCloseTo(Math.sqrt(5), 12);
    expect(deviation[1]! * 255).toBeCloseTo(Math.sqrt((2 * 121.25 ** 2 + 118.75 ** 2 + 123.75 ** 2) / 4), 10);
  });

  it("looks at the chosen images alone", () => {
    expect(channelStatistics(set, [0])).toEqual({ mean: [1 / 255, 10 / 255], deviation: [1 / 255, 0] });
  });

  it("refuses no images and images that are none", () => {
    expect(() => channelStatistics(set, [])).toThrow(/at least one image/u);
    expect(() => channelStatistics(set, [2])).toThrow(/no image 2; .* 0 to 1/u);
    expect(() => channelStatistics(set, [0.5])).toThrow(/no image 0\.5/u);
  });
});
