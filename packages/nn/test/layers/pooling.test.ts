import { describe, expect, it } from "vitest";
import { input, layer } from "@argmin/nn";

describe("pools", () => {
  it("know their shapes", () => {
    const images = input([3, 32, 32]);
    expect(layer.averagePooling2d()(images).shape).toEqual([3, 16, 16]);
    expect(layer.averagePooling2d({ poolSize: 3, strides: 2, padding: "same" })(images).shape).toEqual([3, 16, 16]);
    expect(layer.averagePooling2d({ poolSize: 3, strides: 2 })(images).shape).toEqual([3, 15, 15]);
    expect(layer.globalAveragePooling2d()(images).shape).toEqual([3]);
    expect(layer.globalMaxPooling2d()(images).shape).toEqual([3]);
  });

  it("say what does not fit", () => {
    expect(() => layer.averagePooling2d({ poolSize: 5 })(input([1, 4, 9]))).toThrow(
      'Layer averagePooling2d: a window of 5 x 5 does not fit into images of 4 x 9; make it smaller or pad with "same".',
    );
    expect(() => layer.averagePooling2d({ poolSize: 0 })).toThrow(
      "The pool size of an averagePooling2d layer must be a positive whole number, not 0.",
    );
    expect(() => layer.averagePooling2d(JSON.parse('{"padding":"full"}'))).toThrow(
      'An averagePooling2d layer has no padding "full"; choose "valid" or "same".',
    );
    expect(() => layer.globalMaxPooling2d()(input([8]))).toThrow(
      "Layer globalMaxPooling2d: wants images [channel, height, width], not [8].",
    );
  });
});

describe("normalization", () => {
  it("wants one finite mean and one positive deviation a channel", () => {
    expect(() => layer.normalization({ mean: [0.5], deviation: [0.25] })(input([3, 4, 4]))).toThrow(
      "Layer normalization: has 1 means and 1 deviations for images of 3 channels; give one of each a channel.",
    );
    expect(() => layer.normalization({ mean: [0], deviation: [0] })).toThrow(
      "The deviation of a normalization layer must be above 0, not 0.",
    );
    expect(() => layer.normalization({ mean: [NaN], deviation: [1] })).toThrow(
      "The mean of a normalization layer must be a finite number, not NaN.",
    );
    expect(() => layer.rescaling({ scale: Infinity })).toThrow(
      "The scale of a rescaling layer must be a finite number, not Infinity.",
    );
  });
});
