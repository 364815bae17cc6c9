import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { argminHere, makeFolder, removeFolder, type Ended } from "../command.ts";
import { fewImages, writeCifar100 } from "../experiments/cifar/few-images.ts";
import { oneHeaded, twoHeaded } from "./saved-models.ts";

/** As `writeCifar100` writes them. */
const test = fewImages(130);

let folder = "";
let expected: Float32Array;
beforeAll(async () => {
  folder = await makeFolder();
  await writeCifar100(folder, 100, test.count);
  await mkdir(join(folder, "retrain-best"));
  const { trainer, bytes } = await oneHeaded(test.classes, "named");
  await writeFile(join(folder, "retrain-best", "model.onnx"), bytes);
  expected = await trainer.predict({ images: test.images });
  await trainer.dispose();
  await writeFile(join(folder, "nameless.onnx"), (await oneHeaded(test.classes, "nameless")).bytes);
  await writeFile(join(folder, "two.onnx"), await twoHeaded(test));
});
afterAll(() => removeFolder(folder));

const here = (...args: readonly string[]): Promise<Ended> => argminHere(["evaluate", ...args, "--data", "data"], folder);

describe("argmin evaluate", () => {
  it("counts what the engine says of the test images, and draws it", async () => {
    const { code, stdout, stderr } = await here("retrain-best", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const document = JSON.parse(stdout);
    const confusion = Array.from({ length: 100 }, () => Array<number>(100).fill(0));
    for (let i = 0; i < test.count; i++) {
      const shares = expected.subarray(i * 100, (i + 1) * 100);
      confusion[test.labels[i]!]![shares.indexOf(Math.max(...shares))]! += 1;
    }
    const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
    const files = ["svg", "png"].map((ending) => join(folder, "retrain-best", `model-confusion.${ending}`));
    expect(document).toMatchObject({ dataset: "cifar100", images: 130, files });
    const [output] = document.outputs;
    expect(output).toMatchObject({ name: "output", accuracy: right / 130, confusion });
    expect(output.classes[7]).toEqual({
      name: "class7",
      group: "group7",
      images: 2,
      right: confusion[7]![7],
      accuracy: confusion[7]![7]! / 2,
      precision: output.classes[7].precision,
    });
    const picture = await readFile(files[0]!, "utf8");
    for (const words of ["one-head on cifar100: what it takes for what", "class99", "group19", "Confused most often"])
      expect(picture).toContain(words);
  });

  it("tells accuracy, classes and confusions in words", async () => {
    const { code, stdout } = await here("retrain-best", "--format", "svg", "--theme", "dark", "--out", "pictures");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^one-head \(retrain-best\) on the 130 test images of cifar100\n\n {2}accuracy +\d+\.\d\d %\n/);
    expect(stdout).toMatch(/\n {2}calibration error +\d+\.\d %\n/);
    expect(stdout).toMatch(/\nThe classes that it names worst\n\n {2}class +group +named rightly +share +right when said\n/);
    expect(stdout).toMatch(
      /\nConfused most often\n\n {2}class\d+, class\d+ +\d+ images? +\d+ of the first taken for the second, \d+ the other way\n/,
    );
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(`  ${join("pictures", "model-confusion.svg")}`);
    expect(await readdir(join(folder, "pictures"))).toEqual(["model-confusion.svg"]);
  });

  it("judges each output by its own labels", async () => {
    const { stdout } = await here("two.onnx", "--format", "svg");
    expect(stdout).toMatch(/\nOutput fine\n[^]*\nOutput coarse\n[^]*\nClasses\n[^]*group19/);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(["two-confusion-fine.svg", "two-confusion-coarse.svg"]));
    const { outputs } = JSON.parse((await here("two.onnx", "--format", "svg", "--json")).stdout);
    expect(outputs.map(({ classes }: { classes: readonly unknown[] }) => classes.length)).toEqual([100, 20]);
  });

  it("takes a file that says nothing for what it is told", async () => {
    const silent = await here("nameless.onnx");
    expect(silent.stderr).toMatch(
      /^argmin: nameless\.onnx does not say what it was trained on; name the images .* mnist, cifar10, cifar100\.\n$/,
    );
    const { code, stdout } = await here("nameless.onnx", "--dataset", "cifar100", "--format", "svg", "--json");
    expect([code, JSON.parse(stdout).outputs[0].classes[3].name]).toEqual([0, "class3"]);
  });

  it("matches classes in another order by their names, and says so", async () => {
    const lines = (names: readonly string[]): Promise<void> => writeFile(join(folder, "names.txt"), `${names.join("\n")}\n`);
    const evaluated = (): Promise<Ended> =>
      here("nameless.onnx", "--dataset", "cifar100", "--classes", "names.txt", "--format", "svg", "--json");
    await lines(test.classes.toReversed());
    const { code, stdout, stderr } = await evaluated();
    expect([code, stderr]).toEqual([
      0,
      "The output output has its classes in another order than cifar100: they are matched by their names.\n",
    ]);
    const [{ accuracy, classes }] = JSON.parse(stdout).outputs;
    expect(classes[0]).toMatchObject({ name: "class99", group: "group19" });
    let right = 0;
    for (let i = 0; i < test.count; i++) {
      const shares = expected.subarray(i * 100, (i + 1) * 100);
      if (shares.indexOf(Math.max(...shares)) === 99 - test.labels[i]!) right += 1;
    }
    expect(accuracy).toBeCloseTo(right / test.count, 12);
    await lines(["okapi", ...test.classes.slice(1)]);
    expect((await evaluated()).stderr).toMatch(
      /, and no okapi; give --classes the names of cifar100, in the order in which the network has them\.\n$/,
    );
  });

  it("refuses images that are not the model's", async () => {
    const other = await argminHere(["evaluate", "retrain-best", "--dataset", "mnist"], folder);
    expect([other.code, other.stdout]).toEqual([2, ""]);
    expect(other.stderr).toBe(
      "argmin: retrain-best takes images of 3 x 32 x 32, those of mnist are 1 x 28 x 28; name the data set that it was trained on with --dataset.\n",
    );
    await writeFile(join(folder, "data", "fine_label_names.txt"), `${test.classes.map((name) => `other ${name}`).join("\n")}\n`);
    const renamed = await here("retrain-best");
    expect(renamed.stderr).toMatch(/tells the classes class0, class1, class2 \.\.\. \(100\) apart, cifar100 has other class0/);
  });
});
