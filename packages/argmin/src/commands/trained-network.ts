import { ArgminError, messageOf } from "@argmin/base";
import { readWeights, trainedNetwork, type AnyModel, type TrainedNetwork } from "@argmin/nn";
import { imageNetworkOfOnnx } from "@argmin/vision";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { OptionValues } from "../experiment.ts";
import { shownPath } from "../loading/shown-path.ts";
import { fillOptions } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import { findPoint, type PointFlags } from "./find-point.ts";
import { openExperiment } from "./open-experiment.ts";
import { networkFile } from "./open-model.ts";
import { places, retrainPrefix, studyFolder } from "./studies.ts";

/** The flags that name a trained network beside the command's word. */
export interface TrainedFlags extends Omit<PointFlags, "out"> {
  readonly weights?: string;
  readonly "no-check"?: boolean;
}

/** A network and where it was found. */
export interface FoundNetwork {
  readonly network: TrainedNetwork;
  /** The file that its weights are from. */
  readonly file: string;
  /** What the document says of it. */
  readonly facts: object;
}

/**
 * The network of an .onnx file, or of the one in a folder; or an experiment's, as a retraining left it behind: `model.onnx` in the
 * retraining's folder, else `best.safetensors`, else `last.safetensors`, or the file that `--weights` names. A message tells what a file
 * does not say of its pixels.
 *
 * @param word - The command's: a file that ends in `.onnx`, a folder that `argmin retrain` wrote, or an experiment.
 * @throws ArgminError `usage/invalid` for flags that do not go together and experiments that do not tell their networks,
 *   `data/missing` if there is no such file, `model/*` and `checkpoint/*` for files that do not fit, and what `findPoint` throws.
 */
export async function findTrainedNetwork(
  word: string,
  flags: TrainedFlags,
  given: OptionValues,
  terminal: Terminal,
): Promise<FoundNetwork> {
  const own = await networkFile(word, terminal);
  if (own !== undefined) {
    const other = (["point", "trial", "study", "weights"] as const).find((flag) => flags[flag] !== undefined);
    const flag = other ?? Object.keys(given)[0];
    if (flag !== undefined)
      throw new ArgminError(
        "usage/invalid",
        `--${flag} chooses among an experiment's networks; ${word} holds one, leave it out.`,
      );
    return { network: await ofOnnx(own, terminal), file: own, facts: {} };
  }
  const { experiment } = await openExperiment(word, flags, terminal);
  const study = flags.study ?? experiment.name;
  const where = flags.storage === undefined ? {} : { storage: flags.storage };
  const query = { experiment, study, flags: { ...where, ...named(flags) }, usual: "best", purpose: "look at" };
  const point = await findPoint(query, terminal);
  const options = fillOptions(experiment.options, { ...point.options, ...given });
  const folder = join(studyFolder(places(where, terminal), study), `${retrainPrefix}${point.name}`);
  const kept = ["model.onnx", "best.safetensors", "last.safetensors"].map((name) => join(folder, name)).find(existsSync);
  const file = flags.weights === undefined ? kept : resolve(terminal.folder, flags.weights);
  if (file === undefined) {
    const again = `argmin retrain ${word} ${flags.point === undefined ? `--trial ${flags.trial ?? "best"}` : `--point ${flags.point}`}`;
    throw new ArgminError(
      "data/missing",
      `${shownPath(folder, terminal.folder)} holds no trained network; '${again}' makes one, and --weights names another file.`,
    );
  }
  const facts = { experiment: experiment.name, ...(point.trial === undefined ? {} : { study }), point: point.name, options };
  if (/\.onnx$/i.test(file)) return { network: await ofOnnx(file, terminal), file, facts };
  const model = experiment.network(point.assignment, options);
  if (model === undefined)
    throw new ArgminError(
      "usage/invalid",
      `The experiment '${experiment.name}' does not tell what its networks are, so ${basename(file)} alone says too little; give a trained network as an .onnx file.`,
    );
  refuseUnknownInputs(model, file, terminal);
  return { network: trainedNetwork(model, await readWeights(file, model)), file, facts };
}

function named({ point, trial }: TrainedFlags): Pick<PointFlags, "point" | "trial"> {
  return { ...(point === undefined ? {} : { point }), ...(trial === undefined ? {} : { trial }) };
}

async function ofOnnx(file: string, terminal: Terminal): Promise<TrainedNetwork> {
  const shown = shownPath(file, terminal.folder);
  const bytes = await readFile(file).catch((error: unknown) => {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const problem = isMissing ? `There is no file ${shown}` : `Cannot read ${shown} (${messageOf(error)})`;
    throw new ArgminError("data/missing", `${problem}; give an .onnx file or an experiment.`, { cause: error });
  });
  const { network, notes } = imageNetworkOfOnnx(bytes, shown);
  for (const note of notes) terminal.messages.write(`${note}\n`);
  return network;
}

/** What a network normalizes its inputs by comes from its training images, and a file of weights does not hold it. */
function refuseUnknownInputs({ name, calls }: AnyModel, file: string, terminal: Terminal): void {
  if (calls.every(({ definition }) => definition.kind !== "normalization")) return;
  const onnx = shownPath(join(dirname(file), "model.onnx"), terminal.folder);
  throw new ArgminError(
    "model/weights",
    `${name} normalizes images by those it was trained on, which ${basename(file)} does not hold; wait for the end of its training, which writes ${onnx}.`,
  );
}
