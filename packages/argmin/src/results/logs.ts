import { shownPath } from "../loading/shown-path.ts";

/** The folder of TensorBoard's logs, within that of a training or of a study. */
export const logsFolder = "tensorboard";

/** The command that opens a folder of logs, as it is typed in `folder`. */
export function openLogsCommand(logs: string, folder: string): string {
  const path = shownPath(logs, folder);
  return `tensorboard --logdir ${/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`}`;
}
