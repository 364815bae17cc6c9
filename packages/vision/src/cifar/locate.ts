import { ArgminError } from "@argmin/base";
import { findCifar, type CifarSource } from "./find.ts";
import type { CifarLayout } from "./layout.ts";

export interface LocateOptions {
  readonly dataFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/** Where a set lies on this machine. */
export async function locateCifar(layout: CifarLayout, { dataFolder }: LocateOptions): Promise<CifarSource> {
  const place = dataFolder ?? process.env["ARGMIN_DATA"];
  const source = place ? await findCifar(place, layout) : undefined;
  if (source) return source;
  throw new ArgminError("data/missing", `${layout.name} is not in ${place}: put ${layout.archive} there.`);
}
