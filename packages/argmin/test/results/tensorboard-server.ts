import { spawn } from "node:child_process";
import { once } from "node:events";
import { python } from "../../../nn/test/tensorboard/loader.ts";

export interface TensorBoardServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts TensorBoard on a folder of logs, for this machine alone. */
export async function startTensorBoard(folder: string): Promise<TensorBoardServer> {
  const child = spawn(python, ["-m", "tensorboard.main", "--logdir", folder, "--host", "127.0.0.1", "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  let said = "";
  const url = await new Promise<string>((settle, fail) => {
    const listen = (text: string): void => {
      said += text;
      const address = /http:\/\/[\d.:]+\//.exec(said);
      if (address !== null) settle(address[0]);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", listen);
    child.once("error", fail);
    child.once("exit", () => fail(new Error(`TensorBoard has ended: ${said}`)));
  });
  return {
    url,
    close: async () => {
      child.kill();
      await ended;
    },
  };
}
