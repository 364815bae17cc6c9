import { hp } from "@argmin/search";

export const space = { x: hp.uniform(-1, 1) };
