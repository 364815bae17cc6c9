export { ArgminError, assertNever, isArgminError, messageOf, type ErrorCode } from "./errors.ts";
export { Rng, type RngState } from "./random.ts";
export { canonicalJson, hashJson, isJsonObject, parseJson, type JsonObject, type JsonValue } from "./json.ts";
export { ManualClock, systemClock, type Clock } from "./clock.ts";
export { sleep } from "./abort.ts";
export { writeFileAtomically } from "./file.ts";
