import { ArgminError } from "@argmin/base";
import { listFiles, readImages, type ImageModel } from "@argmin/vision";
import { resolve } from "node:path";
import type { ExitName } from "../exit-codes.ts";
import { StopRequests } from "../execution/stop-requests.ts";
import type { CommandInput } from "../flags/command.ts";
import { shownPath } from "../loading/shown-path.ts";
import { formatAmount } from "../render/format.ts";
import { PassProgress, renderPrediction, type Likely, type Predicted } from "../render/predictions.ts";
import type { Terminal } from "../terminal.ts";
import type { predictFlags } from "./flags.ts";
import { openModel } from "./open-model.ts";
import { errorDocument } from "./output.ts";

type Input = CommandInput<typeof predictFlags>;

/** `argmin predict`. */
export async function predict({ words: [word = "", ...named], flags }: Input, terminal: Terminal): Promise<ExitName> {
  const { model, path } = await openModel(word, flags, terminal);
  if (model.outputs.some(({ classes }) => classes === undefined))
    terminal.messages.write(
      `${word} does not name its classes, so they are numbers here; --classes FILE names them, one a line, and a network that is retrained brings its names.\n`,
    );
  const stop = new StopRequests(terminal, () => false);
  const told = flags.json === true ? documentOf(model, path, terminal) : linesOf(terminal);
  const progress = new PassProgress(terminal.messages, "file");
  try {
    const paths = named.flatMap((each) => (each === undefined ? [] : [resolve(terminal.folder, each)]));
    const listed = await listFiles(paths);
    const batches = readImages(listed, { size: model.input, batchSize: model.batchSize, signal: stop.abort });
    let [done, failed] = [0, 0];
    for await (const { files, pixels, images } of batches) {
      const shares = await model.predict(pixels, images);
      for (const file of files) {
        if (file.error !== undefined) told.failure(file.path, file.error);
        else told.prediction(file.path, predictionsOf(model, shares, file, flags.top ?? usualTop));
      }
      done += files.length;
      failed += files.filter(({ error }) => error !== undefined).length;
      progress.report(done, listed.length);
    }
    told.end({ images: done - failed, unreadable: failed });
    if (done < listed.length) return stop.exit ?? "interrupted";
    terminal.messages.write(`${summaryOf(done - failed, failed)}\n`);
    return failed === 0 && done > 0 ? "ok" : "data";
  } catch (error) {
    told.broken(error);
    throw error;
  } finally {
    stop.close();
    await model.dispose();
  }
}

const usualTop = 5;

/** The likeliest classes of each output. @throws ArgminError `model/invalid` if the model gives something that is no number. */
function predictionsOf(
  { outputs }: ImageModel,
  shares: readonly Float32Array[],
  { place, path }: { readonly place: number; readonly path: string },
  top: number,
): readonly Predicted[] {
  return outputs.map((output, i) => {
    const own = shares[i]!.subarray(place * output.units, (place + 1) * output.units);
    if (own.some(Number.isNaN))
      throw new ArgminError("model/invalid", `The model gives ${path} something that is no number (NaN); it cannot be used.`);
    const ranked = Array.from(own, (probability, index): Likely => ({ index, name: nameOf(output, index), probability }));
    ranked.sort((a, b) => b.probability - a.probability || a.index - b.index);
    return { output: output.name, classes: ranked.slice(0, top) };
  });
}

/** A class by its name or, where the file has none, by its number. */
function nameOf({ classes }: ImageModel["outputs"][number], index: number): string {
  return classes?.[index] ?? `class ${index}`;
}

function summaryOf(images: number, failed: number): string {
  if (images + failed === 0) return "There are no files in what was given.";
  const rest = failed === 0 ? "" : `; ${formatAmount(failed, "file")} could not be read`;
  return `${formatAmount(images, "image")} looked at${rest}.`;
}

/** Where predictions go, one after the other: nothing is kept, however many there are. */
interface Told {
  prediction(file: string, predicted: readonly Predicted[]): void;
  failure(file: string, error: ArgminError): void;
  end(counts: { readonly images: number; readonly unreadable: number }): void;
  /** Ends a document that an error cuts short. */
  broken(error: unknown): void;
}

function linesOf(terminal: Terminal): Told {
  return {
    prediction: (file, predicted) => terminal.print(`${renderPrediction(shownPath(file, terminal.folder), predicted)}\n`),
    failure: (file, error) => terminal.messages.write(`${error.message.replaceAll(file, shownPath(file, terminal.folder))}\n`),
    end: () => undefined,
    broken: () => undefined,
  };
}

/** One document, written as it grows. */
function documentOf(model: ImageModel, path: string, terminal: Terminal): Told {
  const outputs = model.outputs.map(({ name, units }) => ({ name, classes: units }));
  const head = JSON.stringify({ model: path, input: model.input, outputs }).slice(0, -1);
  let separator = "";
  let isOver = false;
  const add = (entry: object): void => {
    if (separator === "") terminal.print(`${head},\n"images": [`);
    terminal.print(`${separator}\n${JSON.stringify(entry)}`);
    separator = ",";
  };
  const close = (rest: object): void => {
    if (isOver) return;
    isOver = true;
    if (separator === "") terminal.print(`${head},\n"images": [`);
    terminal.print(`\n],\n${JSON.stringify({ ...rest }).slice(1)}\n`);
  };
  return {
    prediction: (file, predicted) =>
      add({ file, predictions: Object.fromEntries(predicted.map(({ output, classes }) => [output, classes])) }),
    failure: (file, error) => {
      linesOf(terminal).failure(file, error);
      add({ file, ...errorDocument(error) });
    },
    end: ({ images, unreadable }) => close({ count: images, unreadable }),
    broken: (error) => {
      // Where nothing was said yet, the error's own document will be the one.
      if (separator !== "") close({ ...errorDocument(error) });
    },
  };
}
