# Sourced by run: puts Chromium at hand, so that the tests of reports open them in a browser. Debian's package is installed where apt may do
# that. Where it cannot be done (another system, no root, no network) the tests skip themselves and say so.

install_chromium() (
  export DEBIAN_FRONTEND=noninteractive
  install() { timeout 240 apt-get install -y -q --no-install-recommends chromium; }
  install || { timeout 60 apt-get update -q && install; }
)

chromium_start=$SECONDS
chromium_log=$(mktemp)
if [ -n "${ARGMIN_CHROMIUM:-}" ]; then
  echo "Chromium: $ARGMIN_CHROMIUM"
elif command -v chromium chromium-browser google-chrome >/dev/null; then
  echo "Chromium: as this machine has it"
elif command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] && install_chromium >"$chromium_log" 2>&1; then
  echo "Chromium: Debian's, installed in $((SECONDS - chromium_start)) s"
else
  echo "Chromium: none (no package could be installed); the tests of reports in a browser are skipped"
fi
rm -f "$chromium_log"
