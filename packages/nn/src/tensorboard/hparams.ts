import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { bytes, double, integer, message, text } from "../protobuf/fields.ts";

/** @file The messages of TensorBoard's page of hyper-parameters (its api.proto and plugin_data.proto). */

export type HparamValue = number | string | boolean;

/**
 * A hyper-parameter, and where its values lie if that is known: TensorBoard lets people choose among those of a list.
 *
 * Those in which sessions differ come first in its table, the others after them, both by name; it shows five columns until more are
 * asked for.
 */
export type HparamInfo = { readonly name: string; readonly description?: string; readonly differs?: boolean } & (
  | { readonly type: "number"; readonly domain?: NumberInterval | readonly number[] }
  | { readonly type: "string"; readonly domain?: readonly string[] }
  | { readonly type: "boolean"; readonly domain?: readonly boolean[] }
);

export interface NumberInterval {
  readonly min: number;
  readonly max: number;
}

/** A number by which sessions are compared: the last scalar of a tag. */
export interface MetricInfo {
  readonly tag: string;
  /**
   * The run below the session's that has it, `validation`; the session's own unless given. TensorBoard does not find it where the
   * session is the folder that TensorBoard is opened on.
   */
  readonly run?: string;
  readonly title?: string;
  readonly description?: string;
}

/** What several sessions have in common. Belongs into the run that is the folder of all. */
export interface HparamsExperiment {
  readonly name: string;
  readonly description?: string;
  readonly hparams: readonly HparamInfo[];
  readonly metrics: readonly MetricInfo[];
  /** Unix time in seconds. */
  readonly createdAt: number;
}

/** The values of one session. What is left out is inactive there. */
export interface SessionStart {
  readonly hparams: Readonly<Record<string, HparamValue>>;
  /** Unix time in seconds. */
  readonly startedAt: number;
}

/** How a session stands. */
export type SessionEnd =
  | { readonly status: "running" }
  /** When it ended in Unix time, in seconds. */
  | { readonly status: "success" | "failure"; readonly endedAt: number };

/** A message for the plugin, with the tag under which it looks for it. */
export interface HparamsMessage {
  readonly tag: string;
  readonly content: Uint8Array;
}

/** DataType of api.proto. */
const typeNumbers: { readonly [Type in HparamInfo["type"]]: number } = { string: 1, boolean: 2, number: 3 };

/** Status of api.proto. */
const statusNumbers: { readonly [Status in SessionEnd["status"]]: number } = { success: 1, failure: 2, running: 3 };

export function experimentMessage(experiment: HparamsExperiment): HparamsMessage {
  return pluginData("experiment", 2, (writer) => {
    if (experiment.description !== undefined) text(writer, 1, experiment.description);
    double(writer, 3, experiment.createdAt);
    for (const info of experiment.hparams) message(writer, 4, () => writeHparam(writer, info));
    for (const info of experiment.metrics) message(writer, 5, () => writeMetric(writer, info));
    text(writer, 6, experiment.name);
  });
}

export function sessionStartMessage({ hparams, startedAt }: SessionStart): HparamsMessage {
  return pluginData("session_start_info", 3, (writer) => {
    for (const [name, value] of Object.entries(hparams)) {
      message(writer, 1, () => {
        text(writer, 1, name);
        message(writer, 2, () => writeValue(writer, value));
      });
    }
    double(writer, 5, startedAt);
  });
}

export function sessionEndMessage(end: SessionEnd): HparamsMessage {
  return pluginData("session_end_info", 4, (writer) => {
    integer(writer, 1, statusNumbers[end.status]);
    if (end.status !== "running") double(writer, 2, end.endedAt);
  });
}

function pluginData(name: string, field: number, write: (writer: BinaryWriter) => void): HparamsMessage {
  const inner = new BinaryWriter();
  write(inner);
  const writer = new BinaryWriter();
  bytes(writer, field, inner.finish());
  return { tag: `_hparams_/${name}`, content: writer.finish() };
}

function writeHparam(writer: BinaryWriter, { name, description, differs, type, domain }: HparamInfo): void {
  text(writer, 1, name);
  if (description !== undefined) text(writer, 3, description);
  integer(writer, 4, typeNumbers[type]);
  if (differs === true) integer(writer, 7, 1);
  if (domain === undefined) return;
  if ("min" in domain) {
    message(writer, 6, () => {
      double(writer, 1, domain.min);
      double(writer, 2, domain.max);
    });
    return;
  }
  message(writer, 5, () => {
    for (const value of domain) message(writer, 1, () => writeValue(writer, value));
  });
}

function writeMetric(writer: BinaryWriter, { tag, run, title, description }: MetricInfo): void {
  message(writer, 1, () => {
    if (run !== undefined) text(writer, 1, run);
    text(writer, 2, tag);
  });
  if (title !== undefined) text(writer, 3, title);
  if (description !== undefined) text(writer, 4, description);
}

/** A google.protobuf.Value. */
function writeValue(writer: BinaryWriter, value: HparamValue): void {
  if (typeof value === "number") double(writer, 2, value);
  else if (typeof value === "string") text(writer, 3, value);
  else integer(writer, 4, value ? 1 : 0);
}
