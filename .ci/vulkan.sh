# Sourced by run: puts a software Vulkan driver at hand, so that the tests of WebGPU run where no graphics processor is. Debian's
# chromium-common holds one, SwiftShader, and Vulkan's loader; both are taken out of the package into a folder, and nothing is
# installed. Where that cannot be done (another system, no apt, no network) the tests skip themselves and say so.

vulkan_folder=$(mktemp -d)
trap 'rm -rf "$vulkan_folder"' EXIT

unpack_vulkan() (
  cd "$vulkan_folder" || exit
  export DEBIAN_FRONTEND=noninteractive
  timeout 40 apt-get download -q chromium-common || { timeout 40 apt-get update -q && timeout 60 apt-get download -q chromium-common; } || exit
  dpkg-deb --fsys-tarfile chromium-common_*.deb |
    tar -x --strip-components=4 ./usr/lib/chromium/libvk_swiftshader.so ./usr/lib/chromium/vk_swiftshader_icd.json ./usr/lib/chromium/libvulkan.so.1
)

if [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || [ -e /dev/dri/renderD128 ] || [ -e /dev/nvidia0 ]; then
  echo "Vulkan: as this machine has it"
elif command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null && unpack_vulkan >"$vulkan_folder/log" 2>&1; then
  export VK_DRIVER_FILES=$vulkan_folder/vk_swiftshader_icd.json
  export LD_LIBRARY_PATH=$vulkan_folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  echo "Vulkan: SwiftShader, unpacked in ${SECONDS} s"
else
  echo "Vulkan: none (no Debian package could be unpacked); the tests of WebGPU are skipped"
fi
