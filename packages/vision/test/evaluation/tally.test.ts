import { confusedPairs, ClassificationTally, labelSetFor, labelSetsOf } from "@argmin/vision";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const examples = fc.integer({ min: 2, max: 9 }).chain((units) =>
  fc.record({
    units: fc.constant(units),
    rows: fc.array(
      fc.record({
        label: fc.integer({ min: 0, max: units - 1 }),
        shares: fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: units, maxLength: units }),
      }),
      { minLength: 1, maxLength: 40 },
    ),
  }),
);

describe("ClassificationTally", () => {
  it("counts what was said of each class, however the images are cut into batches", () => {
    fc.assert(
      fc.property(examples, fc.integer({ min: 1, max: 40 }), ({ units, rows }, batch) => {
        const tally = new ClassificationTally(units);
        for (let from = 0; from < rows.length; from += batch) {
          const some = rows.slice(from, from + batch);
          tally.add(
            Float32Array.from(some.flatMap(({ shares }) => shares)),
            some.map(({ label }) => label),
          );
        }
        const { images, accuracy, topFiveAccuracy, classes, confusion, calibration } = tally.scores();
        const guesses = rows.map(({ shares }) => shares.indexOf(Math.max(...shares)));
        const expected = new Uint32Array(units * units);
        rows.forEach(({ label }, i) => (expected[label * units + guesses[i]!]! += 1));
        expect(confusion).toEqual(expected);
        const right = rows.filter(({ label }, i) => guesses[i] === label);
        expect([images, accuracy]).toEqual([rows.length, right.length / rows.length]);
        classes.forEach((each, label) => {
          const own = rows.filter((row) => row.label === label);
          const named = guesses.filter((guess) => guess === label);
          const hits = right.filter((row) => row.label === label).length;
          expect(each).toEqual({
            images: own.length,
            right: hits,
            accuracy: own.length === 0 ? undefined : hits / own.length,
            precision: named.length === 0 ? undefined : hits / named.length,
          });
        });
        const isAmongFive = rows.filter(({ shares, label }) => {
          const ranked = shares.map((share, i) => ({ share, i })).toSorted((a, b) => b.share - a.share || a.i - b.i);
          return ranked.slice(0, 5).some(({ i }) => i === label);
        });
        if (units > 5) expect(topFiveAccuracy).toBe(isAmongFive.length / rows.length);
        else expect(topFiveAccuracy).toBeUndefined();
        expect(calibration.bins.reduce((sum, bin) => sum + bin.images, 0)).toBe(rows.length);
      }),
      { numRuns: 50 },
    );
  });

  it("measures how far what a network is sure of is from what it is right in", () => {
    const tally = new ClassificationTally(2);
    // 0.9 sure and right three times of four; 0.6 sure and always wrong.
    tally.add(Float32Array.of(0.9, 0.1, 0.9, 0.1, 0.1, 0.9, 0.9, 0.1, 0.6, 0.4, 0.4, 0.6), [0, 0, 1, 1, 1, 0]);
    const { error, bins } = tally.scores().calibration;
    expect(error).toBeCloseTo((4 * 0.15 + 2 * 0.6) / 6, 6);
    expect(bins).toHaveLength(15);
    expect(bins.filter(({ images }) => images > 0)).toEqual([
      { from: 9 / 15, to: 10 / 15, images: 2, confidence: expect.closeTo(0.6, 6), accuracy: 0 },
      { from: 13 / 15, to: 14 / 15, images: 4, confidence: expect.closeTo(0.9, 6), accuracy: 0.75 },
    ]);
  });

  it("has no scores without images, and refuses what is no number", () => {
    const tally = new ClassificationTally(3);
    expect(tally.scores()).toMatchObject({ images: 0, accuracy: 0, calibration: { error: 0 } });
    expect(() => tally.add(Float32Array.of(0.1, Number.NaN, 0.2), [0])).toThrow(
      "gives image 0 something that is no number (NaN).",
    );
  });
});

describe("confusedPairs", () => {
  it("takes both ways together, the more frequent one first", () => {
    const confusion = Uint32Array.of(9, 3, 0, 1, 9, 2, 5, 0, 9);
    expect(confusedPairs(confusion, 9)).toEqual([
      { first: 2, second: 0, firstAsSecond: 5, secondAsFirst: 0 },
      { first: 0, second: 1, firstAsSecond: 3, secondAsFirst: 1 },
      { first: 1, second: 2, firstAsSecond: 2, secondAsFirst: 0 },
    ]);
    expect(confusedPairs(confusion, 1)).toHaveLength(1);
    expect(confusedPairs(Uint32Array.of(1, 0, 0, 1), 5)).toEqual([]);
  });
});

describe("the labels of a data set", () => {
  const images = {
    images: new Uint8Array(4),
    labels: Uint8Array.of(2, 0, 1, 2),
    coarseLabels: Uint8Array.of(0, 1, 1, 0),
    count: 4,
    height: 1,
    width: 1,
    channels: 1,
    classes: ["oak", "cat", "elm"],
    coarseClasses: ["trees", "others"],
  };
  const sets = labelSetsOf({ ...images, labels: Uint8Array.of(2, 1, 0, 2), coarseLabels: Uint8Array.of(0, 1, 0, 0) });
  const what = { output: "The output y of x.onnx", dataset: "these", wayOut: "name another" };

  it("are those of classes with their groups, and those of groups", () => {
    expect(sets).toMatchObject([{ groups: ["trees", "others", "trees"] }, { classes: ["trees", "others"], groups: undefined }]);
    const { coarseLabels: _, coarseClasses: __, ...plain } = images;
    expect(labelSetsOf(plain)).toEqual([{ labels: plain.labels, classes: plain.classes, groups: undefined }]);
  });

  it("are in the order of the output's class names, however these are written", () => {
    expect(labelSetFor({ units: 3, classes: ["Elm", "OAK ", "cat"] }, sets, what)).toEqual({
      classes: ["elm", "oak", "cat"],
      groups: ["trees", "trees", "others"],
      labels: Uint8Array.of(0, 2, 1, 0),
    });
    expect(labelSetFor({ units: 2, classes: ["others", "trees"] }, sets, what)).toEqual({
      classes: ["others", "trees"],
      groups: undefined,
      labels: Uint8Array.of(1, 0, 1, 1),
    });
    expect(labelSetFor({ units: 2, classes: ["Trees", "others"] }, sets, what)).toBe(sets[1]);
  });

  it("are chosen by an output's class names, or by how many it has", () => {
    expect(labelSetFor({ units: 2, classes: undefined }, sets, what).classes).toEqual(["trees", "others"]);
    expect(labelSetFor({ units: 3, classes: ["oak", "cat", "elm"] }, sets, what).classes).toEqual(["oak", "cat", "elm"]);
    expect(() => labelSetFor({ units: 3, classes: ["Oak", "cat", "c"] }, sets, what)).toThrow(
      "The output y of x.onnx tells the classes Oak, cat, c apart, these has oak, cat, elm, or trees, others, and no c; name another.",
    );
    expect(() => labelSetFor({ units: 3, classes: ["oak", "oak", "cat"] }, sets, what)).toThrow("name another");
    expect(() => labelSetFor({ units: 7, classes: undefined }, sets, what)).toThrow(
      "The output y of x.onnx tells 7 classes apart",
    );
  });
});
