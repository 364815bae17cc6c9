import { ArgminError } from "@argmin/base";
import { darkTheme, lightTheme, writePicture, type Theme } from "@argmin/pictures";
import {
  ClassificationTally,
  confusedPairs,
  drawConfusionMatrix,
  labelSetFor,
  labelSetsOf,
  loadCifar10,
  loadCifar100,
  loadMnist,
  type ClassificationScores,
  type ImageModel,
  type LabelledImages,
  type LabelSet,
} from "@argmin/vision";
import { basename, dirname, join, resolve } from "node:path";
import type { ExitName } from "../exit-codes.ts";
import { StopRequests } from "../execution/stop-requests.ts";
import type { CommandInput } from "../flags/command.ts";
import { shownPath } from "../loading/shown-path.ts";
import { factsOf, renderEvaluation } from "../render/evaluation.ts";
import { formatCount } from "../render/format.ts";
import { PassProgress } from "../render/predictions.ts";
import type { Terminal } from "../terminal.ts";
import type { evaluateFlags } from "./flags.ts";
import { openModel } from "./open-model.ts";
import { printDocument, printText } from "./output.ts";
import { pictureFormats } from "./picture-formats.ts";

type Input = CommandInput<typeof evaluateFlags>;

type DatasetName = NonNullable<Input["flags"]["dataset"]>;

interface LoadOptions {
  readonly dataFolder: string | undefined;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

const testSets: { readonly [Name in DatasetName]: (options: LoadOptions) => Promise<{ readonly test: LabelledImages }> } = {
  mnist: loadMnist,
  cifar10: loadCifar10,
  cifar100: loadCifar100,
};

/** An output of the model, what it was to say, and how well it did. */
interface Judged {
  readonly output: string;
  readonly set: LabelSet;
  readonly scores: ClassificationScores;
}

/** `argmin evaluate`. */
export async function evaluate({ words: [word = ""], flags }: Input, terminal: Terminal): Promise<ExitName> {
  const { model, path } = await openModel(word, flags, terminal);
  const stop = new StopRequests(terminal, () => false);
  try {
    const dataset = datasetOf(flags.dataset, model, word);
    const log = (line: string): void => terminal.messages.write(`${line}\n`);
    const dataFolder = flags.data === undefined ? undefined : resolve(terminal.folder, flags.data);
    const { test } = await testSets[dataset]({ dataFolder, signal: stop.abort, log });
    const wayOut =
      flags.classes === undefined
        ? "name the data set that it was trained on with --dataset"
        : `give --classes the names of ${dataset}, in the order in which the network has them`;
    const judged = await judge(model, test, { word, dataset, wayOut, signal: stop.abort, terminal });
    if (judged === undefined) return stop.exit ?? "interrupted";
    const theme = flags.theme === "dark" ? darkTheme : lightTheme;
    const into = flags.out === undefined ? dirname(path) : resolve(terminal.folder, flags.out);
    const stem = join(into, `${basename(path).replace(/\.onnx$/i, "")}-confusion`);
    const pictures: string[] = [];
    for (const each of judged) {
      const title = `${model.name} on ${dataset}${judged.length > 1 ? `, ${each.output}` : ""}: what it takes for what`;
      const files = await writePicture(judged.length > 1 ? `${stem}-${each.output}` : stem, pictureOf(each, title, theme), {
        theme,
        formats: pictureFormats[flags.format ?? "both"],
      });
      pictures.push(...files);
    }
    if (flags.json === true)
      printDocument(terminal, { model: path, dataset, images: test.count, outputs: judged.map(documentOf), files: pictures });
    else {
      const heading = `${model.name} (${word}) on the ${formatCount(test.count)} test images of ${dataset}`;
      const shown = pictures.map((file) => shownPath(file, terminal.folder));
      const parts = judged.map((each) => renderEvaluation(each.scores, each.set, judged.length > 1 ? each.output : undefined));
      printText(terminal, [heading, ...parts, ["Pictures", ...shown.map((file) => `  ${file}`)].join("\n")].join("\n\n"));
    }
    return "ok";
  } finally {
    stop.close();
    await model.dispose();
  }
}

function datasetOf(given: DatasetName | undefined, { dataset }: ImageModel, word: string): DatasetName {
  const found = given ?? dataset;
  const names = Object.keys(testSets);
  if (found === undefined)
    throw new ArgminError(
      "usage/invalid",
      `${word} does not say what it was trained on; name the images to evaluate it on with --dataset: ${names.join(", ")}.`,
    );
  if (isDataset(found)) return found;
  throw new ArgminError(
    "usage/invalid",
    `${word} was trained on '${found}', which is not among the data sets here; name one with --dataset: ${names.join(", ")}.`,
  );
}

function isDataset(name: string): name is DatasetName {
  return Object.hasOwn(testSets, name);
}

interface Task {
  readonly word: string;
  readonly dataset: string;
  /** What to do about classes of other names. */
  readonly wayOut: string;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

/** Looks at all images, batch by batch; undefined if it was stopped. */
async function judge(
  model: ImageModel,
  images: LabelledImages,
  { word, dataset, wayOut, signal, terminal }: Task,
): Promise<readonly Judged[] | undefined> {
  const size = [images.channels, images.height, images.width];
  if (size.join() !== model.input.join())
    throw new ArgminError(
      "usage/invalid",
      `${word} takes images of ${model.input.join(" x ")}, those of ${dataset} are ${size.join(" x ")}; name the data set that it was trained on with --dataset.`,
    );
  const sets = labelSetsOf(images);
  const outputs = model.outputs.map((output) => ({
    name: output.name,
    set: labelSetFor(output, sets, { output: `The output ${output.name} of ${word}`, dataset, wayOut }),
    tally: new ClassificationTally(output.units),
  }));
  for (const { name, set } of outputs)
    if (!sets.includes(set))
      terminal.messages.write(
        `The output ${name} has its classes in another order than ${dataset}: they are matched by their names.\n`,
      );
  const progress = new PassProgress(terminal.messages, "image");
  const length = size.reduce((product, each) => product * each, 1);
  for (let from = 0; from < images.count; from += model.batchSize) {
    if (signal.aborted) return undefined;
    const to = Math.min(from + model.batchSize, images.count);
    const shares = await model.predict(images.images.subarray(from * length, to * length), to - from);
    outputs.forEach(({ set, tally }, i) => tally.add(shares[i]!, set.labels.subarray(from, to)));
    progress.report(to, images.count);
  }
  return outputs.map(({ name, set, tally }) => ({ output: name, set, scores: tally.scores() }));
}

function pictureOf({ set, scores }: Judged, title: string, theme: Theme): ReturnType<typeof drawConfusionMatrix> {
  const { classes, groups } = set;
  return drawConfusionMatrix({ title, facts: factsOf(scores), classes, groups, confusion: scores.confusion }, { theme });
}

/** Pairs that the document names. */
const mostPairs = 50;

function documentOf({ output, set, scores }: Judged): object {
  const { classes, groups } = set;
  const { confusion, calibration } = scores;
  return {
    name: output,
    accuracy: scores.accuracy,
    topFiveAccuracy: scores.topFiveAccuracy ?? null,
    calibrationError: calibration.error,
    calibration: calibration.bins.map(({ from, to, images, confidence = null, accuracy = null }) => ({
      from,
      to,
      images,
      confidence,
      accuracy,
    })),
    classes: scores.classes.map(({ images, right, accuracy = null, precision = null }, i) => ({
      name: classes[i],
      ...(groups === undefined ? {} : { group: groups[i] }),
      images,
      right,
      accuracy,
      precision,
    })),
    confused: confusedPairs(confusion, mostPairs).map(({ first, second, firstAsSecond, secondAsFirst }) => ({
      first: classes[first],
      second: classes[second],
      firstAsSecond,
      secondAsFirst,
    })),
    confusion: classes.map((_, row) => Array.from(confusion.subarray(row * classes.length, (row + 1) * classes.length))),
  };
}
