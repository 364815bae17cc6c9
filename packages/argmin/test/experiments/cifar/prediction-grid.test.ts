import { lightTheme, pictureText } from "@argmin/pictures";
import { textProblems } from "@argmin/pictures/testing";
import { describe, expect, it } from "vitest";
import { judgeImages, predictionGrid } from "../../../src/experiments/cifar/prediction-grid.ts";
import { fewImages } from "./few-images.ts";

describe("a grid of predictions", () => {
  it("says of each image its class and what the network says, the figure whole beside a name of any length", () => {
    const images = {
      ...fewImages(14),
      classes: ["sweet_pepper", "aquarium_fish", "large_omnivores_and_herbivores_of_the_plains"],
    };
    const labels = Uint8Array.from({ length: 14 }, (_, i) => i % 2);
    const predictions = Float32Array.from({ length: 14 * 3 }, (_, i) => (i % 3 === Math.floor(i / 3) % 3 ? 0.875 : 0.0625));
    const picture = predictionGrid({ ...images, labels }, judgeImages({ ...images, labels }, predictions), "Some", lightTheme);
    const text = pictureText(picture, lightTheme);
    const words = [...text.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, each]) => each);
    expect(words.slice(0, 7)).toEqual([
      "Some",
      "sweet pepper",
      "88 % sure",
      "aquarium fish",
      "88 % sure",
      "sweet pepper",
      expect.stringMatching(/^said large omn.*…, 88 %$/),
    ]);
    expect(words).toContain("said sweet pepper, 88 %");
    expect(words).toContain("said aquarium fish, 88 %");
    expect(textProblems(picture)).toEqual([]);
    expect([...text.matchAll(/<image /g)]).toHaveLength(14);
  });
});
