import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ArgminError, isJsonObject, messageOf, parseJson, type JsonObject, type JsonValue } from "@argmin/base";
import { compileSpace, hp, type Space } from "@argmin/search";
import { InferenceSession, Tensor } from "onnxruntime-node";

/**
 * Functions that were fitted to real tunings: networks of YAHPO Gym (Pfisterer, Schneider, Moosbauer, Binder and Bischl, 2022) that
 * predict what a learner with such parameters reaches on a data set. `peers/search_functions.py` has the same.
 */
type SurrogateKind = {
  /** OpenML tasks: all that the model has, or the first four of its list. */
  readonly instances: readonly string[];
  readonly space: Space;
  /** What is not searched: ten repetitions. */
  readonly fixed: JsonObject;
  /** The model's inputs in order. */
  readonly categorical: readonly string[];
  readonly numeric: readonly string[];
  /** What is minimised, of the first of the model's outputs. */
  readonly loss: (first: number) => number;
};

export const surrogateKinds: Readonly<Record<string, SurrogateKind>> = {
  // An elastic net: misclassified share.
  iaml_glmnet: {
    instances: ["40981", "41146", "1489", "1067"],
    space: compileSpace({ alpha: hp.uniform(0, 1), s: hp.float(1e-4, 1e3, { log: true }) }),
    fixed: {},
    categorical: ["task_id"],
    numeric: ["alpha", "s", "trainsize"],
    loss: (misclassified) => misclassified,
  },
  // A decision tree: accuracy.
  rbv2_rpart: {
    instances: ["41138", "4135", "40981", "4134"],
    space: compileSpace({
      cp: hp.float(0.0009118819655545162, 1, { log: true }),
      maxdepth: hp.int(1, 30),
      minbucket: hp.int(1, 100),
      minsplit: hp.int(1, 100),
      "num.impute.selected.cpo": hp.choice(["impute.mean", "impute.median", "impute.hist"]),
    }),
    fixed: { repl: 10 },
    categorical: ["task_id", "num.impute.selected.cpo"],
    numeric: ["cp", "maxdepth", "minbucket", "minsplit", "trainsize", "repl"],
    loss: (accuracy) => 1 - accuracy,
  },
};

/**
 * One function for each of a kind's instances, `name/instance`, out of a folder with a folder of that name.
 *
 * @throws ArgminError `data/missing` or `data/corrupt` if the model cannot be read.
 */
export async function openSurrogates(folder: string, name: string, { instances, space, fixed, ...kind }: SurrogateKind) {
  const session = await openModel(join(folder, name, "model.onnx"));
  const codes = await readCodes(join(folder, name, "encoding.json"));
  return instances.map((instance) => {
    /** @param part - Of the data that the learner is shown: what a step of a training is to a tree. */
    const valueAfter = async (sample: unknown, part: number): Promise<number> => {
      const all: JsonObject = { ...fixed, task_id: instance, trainsize: part, ...space.describe(space.encode(sample)) };
      const categories = Int32Array.from(kind.categorical, (label) => codes(label, all[label]));
      const numbers = Float32Array.from(kind.numeric, (label) => Number(all[label]));
      const { output } = await session.run({
        x_cat: new Tensor("int32", categories, [1, categories.length]),
        x_cont: new Tensor("float32", numbers, [1, numbers.length]),
      });
      return kind.loss(Number(output?.data[0]));
    };
    const value = (sample: unknown): Promise<number> => valueAfter(sample, 1);
    return { name: `${name}/${instance}`, space, value, valueAfter, minimum: undefined };
  });
}

async function openModel(path: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  } catch (error) {
    throw new ArgminError("data/missing", `The surrogate ${path} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
}

/** From a category's label and value to the number that stands for it. */
async function readCodes(path: string): Promise<(label: string, value: JsonValue | undefined) => number> {
  const codes = parseJson(await readFile(path, "utf8"), path);
  return (label, value) => {
    const ofLabel = isJsonObject(codes) ? codes[label] : undefined;
    const code = isJsonObject(ofLabel) && typeof value === "string" ? ofLabel[value] : undefined;
    if (typeof code !== "number")
      throw new ArgminError("data/corrupt", `${path} has no number for ${label} = ${JSON.stringify(value)}.`);
    return code;
  };
}
