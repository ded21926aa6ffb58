#include <stddef.h>
#include <stdint.h>

// LLVM installs no header for it. Called from a main of ours, since SwiftPM wants every executable to have one.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
