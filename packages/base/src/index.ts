export { ArgminError, assertNever, errorCodes, isArgminError, isErrorCode, messageOf, type ErrorCode } from "./errors.ts";
export { Rng, type RngState } from "./random.ts";
export { canonicalJson, hashJson, isJsonObject, parseJson, type JsonObject, type JsonValue } from "./json.ts";
export { ManualClock, systemClock, type Clock } from "./clock.ts";
export { sleep } from "./abort.ts";
export { counted, grouped, listed, percentText } from "./words.ts";
export { fileError, writeFileAtomically } from "./file.ts";
export { erf, erfc, erfcx, logAddExp, logGamma, logSumExp } from "./special.ts";
export {
  logMassBetween,
  normalCdf,
  normalLogCdf,
  normalLogPdf,
  normalLogQuantile,
  normalPdf,
  normalQuantile,
  truncatedNormalQuantile,
} from "./normal.ts";
export { betaCdf, betaQuantile } from "./beta.ts";
export { createMatrix, identityMatrix, multiply, multiplyVector, transpose, type Matrix } from "./matrix.ts";
export {
  cholesky,
  choleskyIfAny,
  gramOfLower,
  invertLower,
  leastSquares,
  logDeterminant,
  solveCholesky,
  solveLower,
  solveLowerTransposed,
  solveUpper,
} from "./linear-solve.ts";
export { dotOfParts } from "./dot.ts";
export { minimizeInBox, type Differentiable, type MinimizeOptions, type Minimum } from "./minimize.ts";
export { eigenSymmetric, type SymmetricEigen } from "./eigen.ts";
