import { defineCommand, type Command, type Positional } from "../flags/command.ts";
import {
  agentFlags,
  analyzeFlags,
  bestFlags,
  drawFlags,
  estimateFlags,
  evaluateFlags,
  exportFlags,
  filtersFlags,
  listFlags,
  predictFlags,
  resetFlags,
  retrainFlags,
  runFlags,
  showFlags,
  sweepFlags,
  trialsFlags,
} from "./flags.ts";

/** The experiment's own flags; nothing of it is loaded unless there are flags that are not the command's. */
const broughtOptions: NonNullable<Command["brings"]> = async (words, folder) =>
  (await import("../loading/brought-options.ts")).broughtOptions(words, folder);

const experiment: Positional = {
  name: "experiment",
  help: "a bundled experiment ('argmin list' names them) or a file such as my-experiment.ts",
  required: true,
};
const network: Positional = {
  name: "network",
  help: "a bundled experiment or a file of one, an .onnx file, or the folder that 'argmin retrain' wrote it to",
  required: true,
};
const savedModel: Positional = {
  name: "model",
  help: "an .onnx file, or the folder that 'argmin retrain' wrote it to",
  required: true,
};
const study: Positional = {
  name: "study",
  help: "a study by its name, or the experiment file it was run from; the only study there is unless given",
  required: false,
};

/** Every command of the program: its help, its parser and where its code lies. */
export const commands: readonly Command[] = [
  defineCommand({
    name: "run",
    summary: "start a study or go on with it",
    description:
      "Runs the experiment's trials in worker processes until the study has as many as asked for, then prints the best one and what the experiment makes of it. " +
      "Everything is kept in the study: run the same command again after an interruption and it goes on where it stopped.\n\n" +
      "Ctrl-C once finishes the trials that run; twice stops at once, and they are run again next time. " +
      "Times are written 90s, 10m or 2h, amounts of memory 512M or 4G, counts 800K or 5M.",
    positionals: [experiment],
    flags: runFlags,
    examples: [
      ["argmin run mnist-2v7", "run a bundled experiment, or go on with it"],
      ["argmin run my-experiment.ts --trials 100 --workers 4", "run an experiment of your own, four trials at a time"],
      ["argmin run mnist-2v7 --study again --seed 7", "run it once more as another study"],
      [
        "argmin run vooban-cifar100 --budget 2000 --max-params 5M",
        "2,000 epochs in all, none of them on large or hopeless networks",
      ],
      ["argmin run mnist-2v7 --trial-timeout 10m --memory-limit 2G", "end trials that take too long or too much"],
      ["argmin run mnist-2v7 --json > result.json", "keep the result as a JSON document"],
    ],
    brings: broughtOptions,
    load: async () => (await import("./run.ts")).run,
  }),
  defineCommand({
    name: "sweep",
    summary: "make a search of a sweep file, for agents to run",
    description:
      "Takes any configuration of W&B Sweeps, in YAML or JSON, keeps it as a study and prints the command that runs its trials. " +
      "With the id of a sweep in place of a file it says how that stands, or tells its agents to pause, resume, stop or cancel; without either it lists the sweeps there are.",
    positionals: [
      {
        name: "sweep",
        help: "a sweep file such as sweep.yaml, 'simplecnn-cifar100' for the one that comes along, or the id of a sweep that there is",
        required: false,
      },
    ],
    flags: sweepFlags,
    examples: [
      ["argmin sweep sweep.yaml", "a new sweep: its id, and the command of its agents"],
      ["argmin sweep simplecnn-cifar100 --trials 8 --epochs 2 --subset 2000", "the one that comes along, in small"],
      ["argmin sweep simplecnn", "how the sweep stands"],
      ["argmin sweep --pause simplecnn", "its agents finish what runs, and wait"],
      ["argmin sweep sweep.yaml --storage team.db --json", "in a database of its own; the id as JSON"],
    ],
    brings: broughtOptions,
    load: async () => (await import("./sweep.ts")).sweep,
  }),
  defineCommand({
    name: "agent",
    summary: "run trials of a sweep",
    description:
      "Runs the program of a sweep with the parameters that its search proposes, until the sweep is done or told to end. Any number of agents share one sweep; a trial whose agent is gone is run again by another.\n\n" +
      "Ctrl-C once finishes what runs; twice tells its program to end; three times kills it.",
    positionals: [
      { name: "sweep", help: "the id that 'argmin sweep' printed; the only study there is unless given", required: false },
    ],
    flags: agentFlags,
    examples: [
      ["argmin agent simplecnn", "run trials until the sweep is done"],
      ["argmin agent simplecnn --count 5 --trial-timeout 2h", "five trials, none longer than two hours"],
      ["argmin agent simplecnn --workers 4 --storage team.db", "four at a time, of a sweep in another database"],
    ],
    load: async () => (await import("./agent.ts")).agent,
  }),
  defineCommand({
    name: "estimate",
    summary: "what a search would cost, before it runs",
    description:
      "Counts the values of each parameter and their combinations, and tells how long a search would take: by the experiment's own measurements if it makes any, else by the trials the study already has.",
    positionals: [experiment],
    flags: estimateFlags,
    examples: [
      ["argmin estimate mnist-2v7", "what the whole grid and what the search would cost"],
      ["argmin estimate my-experiment.ts --trials 500 --workers 8 --json", "the same for an experiment of your own, as JSON"],
    ],
    brings: broughtOptions,
    load: async () => (await import("./estimate.ts")).estimate,
  }),
  defineCommand({
    name: "retrain",
    summary: "train one set of parameters for good",
    description:
      "Trains a point of the experiment, the best trial of a study or any other, as the experiment does it for good: on all training data, with the test set looked at once, at the end. " +
      "What is kept lies in the study's results, in a folder of its own, with logs for TensorBoard where the experiment writes them. The same command goes on from the last checkpoint, also after the process was killed.",
    positionals: [experiment],
    flags: retrainFlags,
    examples: [
      ["argmin retrain vooban-cifar100 --point published --epochs 20", "the best network that was published, for 20 epochs"],
      [
        "argmin retrain vooban-cifar100 --trial best --holdout 5000",
        "the best trial, judged after each epoch by images held out",
      ],
      ["argmin retrain my-experiment.ts --trial 12", "trial 12 of an experiment of your own"],
    ],
    brings: broughtOptions,
    load: async () => (await import("./retrain.ts")).retrain,
  }),
  defineCommand({
    name: "draw",
    summary: "a network as a picture",
    description:
      "Draws the network of a point of the experiment, of a study's best trial or any other, or of an .onnx file: its layers with their shapes, parameters and share of the floating-point operations, branches, sums and blocks. " +
      "Without --point and --trial it draws the experiment's first point, or with --study that study's best trial.",
    positionals: [network],
    flags: drawFlags,
    examples: [
      ["argmin draw vooban-cifar100", "the network that shows the architecture"],
      ["argmin draw vooban-cifar100 --trial best --level compact", "the best so far, a box a block"],
      ["argmin draw my-experiment.ts --trial 12 --format png --theme dark", "trial 12, as a PNG file for a dark page"],
      ["argmin draw model.onnx --out pictures", "any network that was exported"],
    ],
    brings: broughtOptions,
    load: async () => (await import("./draw.ts")).draw,
  }),
  defineCommand({
    name: "filters",
    summary: "what excites the filters of a trained network",
    description:
      "Changes grey images step by step until each excites one filter of a layer, and lays them out in a square, the strongest first: a PNG file a layer. " +
      "The network is one that 'argmin retrain' left behind, that of an experiment's best trial unless --point or --trial names another; or that of an .onnx file.",
    positionals: [network],
    flags: filtersFlags,
    examples: [
      ["argmin filters vooban-cifar100 --trial best", "every convolution of the best network, once it is retrained"],
      ["argmin filters vooban-cifar100 --point published --layers '*_sum'", "the sums of its residual blocks"],
      ["argmin filters model.onnx --count 64 --total-variation 0.3", "64 filters of each layer, kept smoother than usual"],
      ["argmin filters model.onnx --layers stage2_conv --compare", "the ways of keeping images smooth, beside each other"],
    ],
    brings: broughtOptions,
    load: async () => (await import("./filters.ts")).filters,
  }),
  defineCommand({
    name: "analyze",
    summary: "what a study has taught: a report, charts, and a space for the next search",
    description:
      "Tells which parameters matter, where the best trials lie, where trials fail and what to search next, and warns where there are too few trials to say. " +
      "Writes report.html, one file with every chart that opens without a network and prints to PDF, and each chart as SVG and PNG beside it.",
    positionals: [study],
    flags: analyzeFlags,
    examples: [
      ["argmin analyze vooban-cifar100", "the report of that study, in results/vooban-cifar100/analysis"],
      ["argmin analyze my-experiment.ts --out report", "the study of your own experiment, into any folder"],
      ["argmin analyze mnist-2v7 --unimportant fix", "propose a space without what hardly matters"],
      ["argmin analyze --json > analysis.json", "all figures of the only study there is, for a program"],
    ],
    load: async () => (await import("./analyze.ts")).analyze,
  }),
  defineCommand({
    name: "predict",
    summary: "what a saved model sees on image files",
    description:
      "Names what images show, with the likeliest classes of each of the model's outputs: PNG, JPEG, WebP, GIF, AVIF, TIFF and SVG files, and all that lies in the folders given. " +
      "An image is scaled until it covers what the model takes, and cut evenly at both sides where its proportions are others; what is transparent becomes white. " +
      "A file that is no image is named, the rest goes on, and the exit code is 6.",
    positionals: [savedModel, { name: "images", help: "image files, and folders of them", required: true, repeated: true }],
    flags: predictFlags,
    examples: [
      ["argmin predict results/vooban-cifar100/retrain-trial-12 cat.jpg", "what a retrained network sees"],
      ["argmin predict model.onnx photos --top 1", "the likeliest class of each image in a folder"],
      ["argmin predict model.onnx photos cat.jpg --json > seen.json", "the same for a program"],
      ["argmin predict other.onnx cat.jpg --classes names.txt", "a model of another program's, that does not name its classes"],
    ],
    load: async () => (await import("./predict.ts")).predict,
  }),
  defineCommand({
    name: "evaluate",
    summary: "how well a saved model names the test images",
    description:
      "Runs a saved model on the test images of the data set that it was trained on: its accuracy, that of each class, how far it may be trusted when it is sure, and what it takes for what, as a picture and in words.",
    positionals: [savedModel],
    flags: evaluateFlags,
    examples: [
      ["argmin evaluate results/vooban-cifar100/retrain-trial-12", "a retrained network on its test images"],
      ["argmin evaluate model.onnx --dataset cifar100 --json", "a file that does not say what it was trained on, for a program"],
    ],
    load: async () => (await import("./evaluate.ts")).evaluate,
  }),
  defineCommand({
    name: "trials",
    summary: "the trials of a study as a table",
    description: "Prints one line for each trial: its state, value, duration and parameters.",
    positionals: [study],
    flags: trialsFlags,
    examples: [
      ["argmin trials mnist-2v7 --sort value --limit 10", "the ten best"],
      ["argmin trials mnist-2v7 --state failed", "what failed"],
    ],
    load: async () => (await import("./trials.ts")).trials,
  }),
  defineCommand({
    name: "best",
    summary: "the best trial of a study and what was made of it",
    description: "Prints the best parameters, their value and the result of the experiment's last step.",
    positionals: [study],
    flags: bestFlags,
    examples: [
      ["argmin best mnist-2v7", "the best parameters so far"],
      ["argmin best mnist-2v7 --json", "the same for a program"],
    ],
    load: async () => (await import("./best.ts")).best,
  }),
  defineCommand({
    name: "show",
    summary: "everything known of one trial",
    description: "Prints a trial's parameters, result, reports and, if it failed, its error with the stack.",
    positionals: [study, { name: "trial", help: "the number of a trial", required: true }],
    flags: showFlags,
    examples: [
      ["argmin show mnist-2v7 12", "trial 12 of the study mnist-2v7"],
      ["argmin show 12 --json", "trial 12 of the only study there is, for a program"],
    ],
    load: async () => (await import("./show.ts")).show,
  }),
  defineCommand({
    name: "export",
    summary: "all trials of a study as CSV, JSON or TensorBoard's logs",
    description:
      "Writes every trial with its parameters and attributes to a file or to standard output; or, for TensorBoard, into a folder: " +
      "tensorboard in the study's results unless --out names another.",
    positionals: [study],
    flags: exportFlags,
    examples: [
      ["argmin export mnist-2v7 --format csv --out trials.csv", "for a spreadsheet"],
      ["argmin export mnist-2v7 --format json", "for a program, on standard output"],
      ["argmin export mnist-2v7 --format tensorboard", "a run a trial, with its parameters and its curves"],
    ],
    load: async () => (await import("./export.ts")).exportTrials,
  }),
  defineCommand({
    name: "reset",
    summary: "delete a study and its results",
    description: "Deletes a study from the database, and its folder of results. Asks first unless --yes is given.",
    positionals: [{ ...study, required: true }],
    flags: resetFlags,
    examples: [["argmin reset mnist-2v7 --yes", "start from nothing"]],
    load: async () => (await import("./reset.ts")).reset,
  }),
  defineCommand({
    name: "list",
    summary: "the bundled experiments and the studies in the database",
    description: "Prints what can be run and what has been run.",
    positionals: [],
    flags: listFlags,
    examples: [["argmin list", "what there is"]],
    load: async () => (await import("./list.ts")).list,
  }),
];
