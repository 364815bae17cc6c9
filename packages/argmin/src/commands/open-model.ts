import { ArgminError, messageOf } from "@argmin/base";
import type { Device } from "@argmin/nn";
import { openImageModel, type ImageModel } from "@argmin/vision";
import { readFile, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { bundledExperiments } from "../loading/bundled.ts";
import type { Terminal } from "../terminal.ts";

/** The flags that say how a saved model is opened. */
export interface ModelFlags {
  readonly classes?: string;
  readonly device?: Device;
  readonly threads?: number;
}

/** A saved model that a command was given. */
export interface OpenModel {
  readonly model: ImageModel;
  /** The file that it lies in. */
  readonly path: string;
}

/**
 * Opens the .onnx file that is named, or that of a folder that `argmin retrain` wrote. What the file does not say of its pixels is told.
 *
 * @throws ArgminError `data/missing`, `usage/invalid` and `model/invalid`, each naming the file.
 */
export async function openModel(word: string, flags: ModelFlags, terminal: Terminal): Promise<OpenModel> {
  const path = await modelFile(word, terminal);
  const bytes = await read(path, word, "give an .onnx file, or the folder that 'argmin retrain' wrote it to");
  if (/\.safetensors$/i.test(path))
    throw new ArgminError(
      "usage/invalid",
      `${word} holds weights without their network; give the .onnx file, which 'argmin retrain' writes beside it as ${modelName}.`,
    );
  const classNames = flags.classes === undefined ? undefined : await readNames(flags.classes, terminal);
  const threads = flags.threads ?? availableParallelism();
  const model = await openImageModel(bytes, word, { classNames, device: flags.device, threads });
  for (const note of model.notes) terminal.messages.write(`${note}\n`);
  return { model, path };
}

/** What `argmin retrain` calls the network that it exports. */
const modelName = "model.onnx";

/** The .onnx file that a word means, or that of the folder that it means; undefined if the word means an experiment. */
export async function networkFile(word: string, terminal: Terminal): Promise<string | undefined> {
  // Within the results folder an experiment's own folder has its name.
  if (Object.hasOwn(bundledExperiments, word)) return undefined;
  const path = await modelFile(word, terminal);
  return /\.onnx$/i.test(path) ? path : undefined;
}

async function modelFile(word: string, terminal: Terminal): Promise<string> {
  const path = resolve(terminal.folder, word);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? join(path, modelName) : path;
}

async function readNames(word: string, terminal: Terminal): Promise<readonly string[]> {
  const bytes = await read(resolve(terminal.folder, word), word, "give a file of class names, one a line");
  return Buffer.from(bytes)
    .toString("utf8")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

async function read(path: string, word: string, wayOut: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const isInside = path.endsWith(modelName) && !word.endsWith(modelName);
    const problem = isMissing
      ? `There is no ${isInside ? `${modelName} in the folder` : "file"} ${word}`
      : `${word} cannot be read (${messageOf(error)})`;
    throw new ArgminError("data/missing", `${problem}; ${wayOut}.`, { cause: error });
  }
}
