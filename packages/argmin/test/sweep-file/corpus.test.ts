import { isArgminError } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { readSweepDocument, readSweepFile } from "../../src/sweep-file/read.ts";
import { corpusFiles, corpusText, nameOf, outcomes } from "./corpus.ts";

const expected = outcomes();

describe("the corpus of sweep files", () => {
  it("has an outcome for each file", () => {
    expect(corpusFiles().toSorted()).toEqual(Object.keys(expected).toSorted());
    expect(corpusFiles().length).toBeGreaterThan(100);
  });

  it.each(Object.entries(expected))("%s", (file, { refused, warnings = [] }) => {
    const read = (): unknown => readSweepFile(corpusText(file), nameOf(file)).warnings;
    if (refused === undefined) expect(read()).toEqual(warnings);
    else expect(refusalOf(read)).toBe(refused);
    expect(file.startsWith("valid/")).toBe(refused === undefined);
  });

  it("is the same sweep when it is read again from its document", () => {
    for (const file of corpusFiles().filter((name) => name.startsWith("valid/"))) {
      const { space, warnings: _warnings, ...sweep } = readSweepFile(corpusText(file), nameOf(file));
      const stored: typeof sweep.document = JSON.parse(JSON.stringify(sweep.document));
      const { space: again, warnings: _again, ...rest } = readSweepDocument(stored, "the sweep");
      expect(again.toJson(), file).toEqual(space.toJson());
      expect(rest, file).toEqual(sweep);
    }
  });
});

function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (isArgminError(error, "sweep/invalid")) return error.message;
    throw error;
  }
  return "accepted";
}
