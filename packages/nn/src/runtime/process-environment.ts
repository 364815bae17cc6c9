/** glibc's names of the settings, see its manual under "Memory Allocation Tunables". */
const tunables: Readonly<Record<string, string>> = {
  // Tensors from 8 MiB on come from the system and go back to it. By itself glibc raises that bound to 32 MiB, and between what a forward
  // pass leaves for the way back and what it needs in passing a gigabyte is then lost of three and a half.
  "glibc.malloc.mmap_threshold": String(2 ** 23),
  // In pages of 2 MiB, where the kernel gives them to whom asks: far fewer of them have to be made.
  "glibc.malloc.hugetlb": "1",
};

/** As Node has it in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a process that is started to train networks: `environment`, and how its memory is to be handed out, which only the
 * start of a process can say. Large networks train in less memory for it.
 *
 * It means something to Linux with glibc and is harmless elsewhere. What `environment` says of glibc's allocator itself stays.
 */
export function trainingEnvironment(environment: Environment): Environment {
  const { GLIBC_TUNABLES: given = "" } = environment;
  if (given.includes("glibc.malloc.") || Object.keys(environment).some((name) => /^MALLOC_\w+_$/.test(name)))
    return { ...environment };
  const ours = Object.entries(tunables).map(([name, value]) => `${name}=${value}`);
  return { ...environment, GLIBC_TUNABLES: [...(given === "" ? [] : [given]), ...ours].join(":") };
}
