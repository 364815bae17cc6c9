# Sourced by run: puts TensorBoard at hand, so that the tests of its logs ask its own loader. It comes from PyPI into an environment of
# its own in a folder, and nothing is installed. Where that cannot be done (no Python, no network) the tests skip themselves and say so.

tensorboard_folder=$(mktemp -d)
trap 'rm -rf "$vulkan_folder" "$tensorboard_folder"' EXIT

install_tensorboard() {
  python3 -m venv "$tensorboard_folder/python" &&
    timeout 120 "$tensorboard_folder/python/bin/pip" install -q --no-compile --disable-pip-version-check tensorboard==2.21.0 setuptools==80.9.0
}

tensorboard_start=$SECONDS
if [ -n "${ARGMIN_PYTHON:-}" ]; then
  echo "TensorBoard: that of $ARGMIN_PYTHON"
elif command -v python3 >/dev/null && install_tensorboard >"$tensorboard_folder/log" 2>&1; then
  export ARGMIN_PYTHON=$tensorboard_folder/python/bin/python
  echo "TensorBoard: from PyPI, installed in $((SECONDS - tensorboard_start)) s"
else
  echo "TensorBoard: none (no Python with its package could be had); the tests with its loader are skipped"
fi
