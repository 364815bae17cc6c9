import { Rng } from "@argmin/base";
import { describeGallery } from "@argmin/pictures/testing";
import { drawConfusionMatrix, type ConfusionMatrix } from "@argmin/vision";
import { fileURLToPath } from "node:url";

/** Images of each class, most of them named rightly, the others mostly within their group of five. */
function confusionOf(classes: number, images: number, right: number, seed: number): Uint32Array {
  const rng = Rng.fromSeed(seed);
  const confusion = new Uint32Array(classes * classes);
  for (let label = 0; label < classes; label++) {
    for (let image = 0; image < images; image++) {
      const chance = rng.float();
      const group = label - (label % 5);
      const near = Math.min(classes - 1, group + rng.integer(5));
      const said = chance < right ? label : chance < right + 0.8 * (1 - right) ? near : rng.integer(classes);
      confusion[label * classes + said]! += 1;
    }
  }
  return confusion;
}

const animals = ["aquarium_fish", "flatfish", "ray", "shark", "trout", "bear", "leopard", "lion", "tiger", "wolf"];
const hundred = Array.from({ length: 100 }, (_, i) => `${animals[i % 10]} ${Math.floor(i / 10)}`);
const groups = hundred.map(
  (_, i) => `${["small", "large", "striped", "household electrical"][Math.floor(i / 5) % 4]} things ${Math.floor(i / 20)}`,
);
const long = new Map([
  [6, "large_omnivores_and_herbivores"],
  [8, "large_natural_outdoor_scenes"],
  [16, "what is too long for any row or column of the picture"],
]);
const twenty = Array.from({ length: 20 }, (_, i) => long.get(i) ?? `group ${i + 1}`);

const matrices: Readonly<Record<string, ConfusionMatrix>> = {
  two: { title: "Two and seven", classes: ["2", "7"], confusion: Uint32Array.of(1021, 11, 4, 1024) },
  ten: {
    title: "Ten animals (model.onnx): what it takes for what",
    facts: ["81.2 % of 1,000 test images are named rightly."],
    classes: animals,
    confusion: confusionOf(10, 100, 0.7, 1),
  },
  "twenty-dark": { title: "Twenty groups", classes: twenty, confusion: confusionOf(20, 500, 0.75, 2) },
  hundred: {
    title: "A hundred classes in twenty groups",
    facts: ["63 % of 3,000 images are named rightly.", "A second sentence that is long enough to be wrapped ".repeat(5)],
    classes: hundred,
    groups,
    confusion: confusionOf(100, 12, 0.7, 3),
  },
  "two-hundred": {
    title: "Too many for names",
    classes: Array.from({ length: 200 }, (_, i) => `class ${i}`),
    confusion: confusionOf(200, 2, 0.8, 4),
  },
  "never-wrong": {
    title: "Nothing is confused, and one class has no images",
    classes: ["a", "b", "c"],
    confusion: Uint32Array.of(5, 0, 0, 0, 0, 0, 0, 0, 5),
  },
};

describeGallery({
  name: "confusion matrices",
  folder: fileURLToPath(new URL("gallery", import.meta.url)),
  pictures: Object.fromEntries(
    Object.entries(matrices).map(([name, matrix]) => [name, (theme) => drawConfusionMatrix(matrix, { theme })]),
  ),
});
