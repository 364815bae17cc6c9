# Sourced by run, after tensorboard.sh: puts ONNX's and safetensors' own packages beside TensorBoard, so that the tests of exported files
# ask them. Where that cannot be done the tests skip themselves and say so.

peers_start=$SECONDS
if [ "${ARGMIN_PYTHON:-}" != "$tensorboard_folder/python/bin/python" ]; then
  echo "ONNX and safetensors: ${ARGMIN_PYTHON:+those of }${ARGMIN_PYTHON:-none (no Python with packages could be had); the tests with them are skipped}"
elif timeout 120 "$ARGMIN_PYTHON" -m pip install -q --no-compile --disable-pip-version-check onnx==1.23.2 safetensors==0.8.0 >"$tensorboard_folder/peers.log" 2>&1; then
  echo "ONNX and safetensors: from PyPI, installed in $((SECONDS - peers_start)) s"
else
  echo "ONNX and safetensors: none (their packages could not be had); the tests with them are skipped"
fi
