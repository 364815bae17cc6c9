/** @file ONNX Runtime reports its use to its makers unless told not to before it is loaded; import this first. */

process.env["ORT_DISABLE_TELEMETRY"] ??= "1";
