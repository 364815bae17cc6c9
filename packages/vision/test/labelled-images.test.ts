import { selectClasses, selectImages, type LabelledImages } from "@argmin/vision";
import { describe, expect, it } from "vitest";

const set: LabelledImages = {
  images: Uint8Array.of(0, 0, 10, 11, 20, 21, 30, 31, 40, 41),
  labels: Uint8Array.of(2, 0, 1, 2, 0),
  count: 5,
  height: 1,
  width: 2,
  channels: 1,
  classes: ["cat", "dog", "owl"],
};

describe("selectClasses", () => {
  it("keeps order, pixels and names, and numbers the classes in the order they were asked for", () => {
    expect(selectClasses(set, [2, 0])).toEqual({
      ...set,
      images: Uint8Array.of(0, 0, 10, 11, 30, 31, 40, 41),
      labels: Uint8Array.of(0, 1, 0, 1),
      count: 4,
      classes: ["owl", "cat"],
    });
  });

  it.each([
    [[3], /no class 3.*0 to 2/u],
    [[1, 1], /Class 1 is selected twice/u],
    [[], /at least one/u],
  ])("refuses %j", (classes, message) => {
    expect(() => selectClasses(set, classes)).toThrow(message);
  });
});

describe("selectImages", () => {
  it("takes images in the order asked for, copied", () => {
    const chosen = selectImages(set, [4, 1]);
    expect([...chosen.images, ...chosen.labels, chosen.count]).toEqual([40, 41, 10, 11, 0, 0, 2]);
    expect(chosen.images.buffer).not.toBe(set.images.buffer);
  });

  it("refuses an index of no image", () => {
    expect(() => selectImages(set, [5])).toThrow(/no image 5.*0 to 4/u);
  });
});
