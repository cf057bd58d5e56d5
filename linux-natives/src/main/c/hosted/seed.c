/* Writes the sample plans as the fuzzer's first inputs: seed DIRECTORY */
#include "sample.h"

#include <stdio.h>

static int keep(const char *directory, const char *name, const struct sample *sample) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *file = fopen(path, "wb");
  return !file || fwrite(sample->bytes, 1, sample->length, file) != sample->length || fclose(file) != 0;
}

NORETURN void leave(int status) { __builtin_trap(); (void)status; }

int main(int count, char **arguments) {
  static struct sample sample;
  if (count != 2) return 2;
  sample_container(&sample);
  int failed = keep(arguments[1], "container", &sample);
  sample_exec(&sample);
  return failed | keep(arguments[1], "exec", &sample);
}
