#include "sample.h"

#include <linux/fcntl.h>

enum { SCRATCH_SIZE = 512, BLOB_SIZE = 1024 };

static struct step steps[64];
static u32 count;
static u16 sections[SECTIONS + 1];
static char blob[BLOB_SIZE];
static u32 blob_used;

struct value {
  u8 kind;
  u64 operand;
};

static struct value number(u64 n) { return (struct value){IMMEDIATE, n}; }
static struct value reg(u64 n) { return (struct value){REGISTER, n}; }
static struct value scratch(u64 offset, u64 extent) { return (struct value){SCRATCH, extent << 32 | offset}; }

static struct value data(const void *bytes, u32 size) {
  struct value value = {BLOB, (u64)size << 32 | blob_used};
  memcpy(blob + blob_used, bytes, size);
  blob_used += size;
  return value;
}

static struct value text(const char *string) { return data(string, (u32)strlen(string) + 1); }

#define ADD(operation, call, destination, ...) \
  add(operation, call, destination, (struct value[6]){__VA_ARGS__})

static void add(u8 operation, u16 call, u8 destination, const struct value values[6]) {
  struct step *step = &steps[count++];
  *step = (struct step){.operation = operation, .call = call, .destination = destination, .tolerated = {ENOENT}};
  for (int i = 0; i < 6; i++) {
    step->kind[i] = values[i].kind;
    step->operand[i] = values[i].operand;
  }
}

static void section(int number) { sections[number] = (u16)count; }

static void exec_step(void) {
  u32 at = (u32)text("/bin/true").operand, list[6] = {1, 1, 1, at, at, at};
  ADD(OP_EXEC, 0, NO_REGISTER, data(list, sizeof list));
}

static void seal(struct sample *sample) {
  struct header header = {PLAN_MAGIC, PLAN_VERSION, ELF_MACHINE, SAMPLE_BUILD, 0, 0, count, 0, 0, 0, SCRATCH_SIZE, {0}, 0};
  struct policy policy = {.flags = CGROUP, .stop_signal = 15, .log_bytes = 1000, .log_files = 2};
  policy.cgroup = (u32)text("ctr").operand;
  sections[SECTIONS] = (u16)count;
  memcpy(header.section, sections, sizeof sections);
  header.blob = (u32)(sizeof header + sizeof policy + count * sizeof(struct step));
  header.blob_length = blob_used;
  header.scratch = header.blob + ((blob_used + 7) & ~7U);
  memset(sample->bytes, 0, sizeof sample->bytes);
  memcpy(sample->bytes + sizeof header, &policy, sizeof policy);
  memcpy(sample->bytes + sizeof header + sizeof policy, steps, count * sizeof(struct step));
  memcpy(sample->bytes + header.blob, blob, blob_used);
  memcpy(sample->bytes, &header, sizeof header);
  sample->length = header.scratch + SCRATCH_SIZE;
  sample->blob = header.blob;
  sample->steps = count;
  sample_seal(sample->bytes, sample->length);
}

void sample_seal(u8 *bytes, size_t length) {
  u32 size = (u32)length;
  memcpy(bytes + 24, &size, sizeof size);
  u64 sum = checksum(bytes + 24, length - 24);
  memcpy(bytes + 16, &sum, sizeof sum);
}

static void child(struct value cgroup) {
  u8 program[16] = {6, 0, 0, 0, 0, 0, 0xff, 0x7f, 6, 0, 0, 0, 0, 0, 0xff, 0x7f};
  section(STAGE);
  ADD(OP_CALL, __NR_setns, NO_REGISTER, reg(5), number(0));
  ADD(OP_CLONE, 0, NO_REGISTER, number(0), cgroup);
  section(CHILD);
  ADD(OP_CALL, __NR_close_range, NO_REGISTER, number(3), number(~0U), number(4));
  ADD(OP_CALL, __NR_prctl, NO_REGISTER, number(4), number(0));
  ADD(OP_CALL, __NR_setgroups, NO_REGISTER, number(2), data("\1\0\0\0\2\0\0\0", 8));
  ADD(OP_MKPATH, 0, 20, reg(16), text("a/b"), number(0755), number(1), number(0x9fa0));
  ADD(OP_COVER, 0, NO_REGISTER, reg(16), reg(20), reg(21), data("a\0b", 4));
  ADD(OP_SYNC, 0, NO_REGISTER, number(7));
  ADD(OP_AWAIT, 0, NO_REGISTER, reg(3), number(10));
  ADD(OP_SENDFD, 0, NO_REGISTER, reg(20), number(0));
  ADD(OP_FILTER, 0, NO_REGISTER, data(program, sizeof program), number(0));
  ADD(OP_INIT, 0, NO_REGISTER);
  exec_step();
  section(TEARDOWN);
}

static void supervisor_steps(void) {
  ADD(OP_CALL, __NR_openat, 16, number((u64)AT_FDCWD), text("/"), number(O_PATH | O_DIRECTORY | O_CLOEXEC), number(0));
  ADD(OP_CALL, __NR_statx, NO_REGISTER, reg(16), text(""), number(AT_EMPTY_PATH), number(1), scratch(0, 256));
  ADD(OP_CALL, __NR_fstatfs, NO_REGISTER, reg(16), scratch(256, 120));
  ADD(OP_CALL, __NR_getcwd, 17, scratch(0, 64), number(64));
  ADD(OP_CHECK, 0, NO_REGISTER, scratch(0, 1), data("\xff", 1), data("/", 1), number(ENOTDIR));
  ADD(OP_STORE, 0, NO_REGISTER, reg(16), scratch(100, 21), number(10));
  ADD(OP_STORE, 0, NO_REGISTER, reg(16), scratch(160, 4), number(4));
  ADD(OP_WRITEALL, 0, NO_REGISTER, reg(16), text("dev/null"), text("x"), number(0));
}

static void devices(void) {
  u8 program[16] = {0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95};
  ADD(OP_DEVICES, 0, NO_REGISTER, reg(4), data(program, sizeof program));
}

static void clear(void) {
  count = blob_used = 0;
  memset(sections, 0, sizeof sections);
  memset(steps, 0, sizeof steps);
}

void sample_container(struct sample *sample) {
  clear();
  section(ENTER);
  section(PREPARE);
  ADD(OP_USERNS, 0, 6, text("0 0 1"), text("0 0 1"), number(3), number(7));
  section(BEFORE);
  supervisor_steps();
  devices();
  child(reg(4));
  ADD(OP_CALL, __NR_close, NO_REGISTER, reg(6));
  seal(sample);
}

void sample_exec(struct sample *sample) {
  clear();
  supervisor_steps();
  child(number(0));
  seal(sample);
}
