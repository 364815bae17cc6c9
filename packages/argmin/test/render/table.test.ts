import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderTable } from "../../src/render/table.ts";
import { widthOf, wrap } from "../../src/render/text.ts";

describe("a table", () => {
  it("aligns its columns under their titles", () => {
    const table = renderTable(
      [{ title: "parameter" }, { title: "values", align: "right" }],
      [
        ["batch_size", "5"],
        ["lr", "1000"],
      ],
    );
    expect(table).toBe(["parameter   values", "batch_size       5", "lr            1000"].join("\n"));
  });

  it("has no heading without titles", () => {
    expect(renderTable([{ title: "" }, { title: "" }], [["a", "b"]])).toBe("a  b");
  });

  it("keeps a cell in one line, whatever is in it", () => {
    expect(renderTable([{ title: "error" }], [["first\n\u001B[31msecond\ttab"]]).split("\n")).toEqual([
      "error",
      "first [31msecond tab",
    ]);
  });

  it("is never wider than it may be, as long as that leaves each column a few characters", () => {
    const cell = fc.string({ maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 22, max: 120 }),
        (rows, width) => {
          const table = renderTable([{ title: "a" }, { title: "b" }, { title: "c" }], rows, width);
          expect(Math.max(...table.split("\n").map(widthOf))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe("wrapped text", () => {
  it("loses no word and keeps to its width where words do", () => {
    expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
    expect(wrap("incomprehensibilities are", 5)).toEqual(["incomprehensibilities", "are"]);
  });
});
