/* The launch plan, byte for byte: docs/formats.md, *Launch plan*. */
#ifndef PLAN_H
#define PLAN_H

#include "sys.h"

#ifndef BUILD_ID
#define BUILD_ID 0ULL
#endif

enum {
  PLAN_MAGIC = 0x4C504E50,
  PLAN_VERSION = 1,
  PLAN_MAX = 4096 * 1024,
  STEPS_MAX = 8192,
  SCRATCH_MAX = 16 * 1024,
  REGISTERS = 64,
  OWN_REGISTERS = 16, /* the first that is the plan's alone; those below have a meaning */
  VECTOR_MAX = 16 * 1024, /* arguments and environment of an EXEC, together */
  CANDIDATES_MAX = 1024,
  NO_REGISTER = 255,
};

#define VOID_REGISTER 0x8000000000000000ULL
#define NO_STEP 0xFFFFFFFFU
#define NO_SECTION 0xFFFFFFFFU

enum section { ENTER, PREPARE, BEFORE, STAGE, CHILD, TEARDOWN, SECTIONS };

enum operation {
  OP_CALL = 1, OP_CHECK, OP_STORE, OP_WRITEALL, OP_MKPATH, OP_USERNS, OP_CLONE,
  OP_SYNC, OP_AWAIT, OP_SENDFD, OP_EXEC, OP_FILTER, OP_INIT, OP_DEVICES,
  OP_COVER,
};

enum kind { IMMEDIATE, BLOB, SCRATCH, REGISTER };
enum guard { GUARD_ALWAYS, GUARD_VALUE, GUARD_VOID };

struct header {
  u32 magic;
  u16 version;
  u16 machine;
  u64 build;
  u64 checksum;
  u32 length;
  u32 steps;
  u32 blob;
  u32 blob_length;
  u32 scratch;
  u32 scratch_length;
  u16 section[SECTIONS + 1];
  u16 zero;
};

enum policy_flag {
  BOUND = 1, DURABLE = 2, CAPPED = 4, OUTER_PID = 8, LISTEN = 16, STDIN = 32, CGROUP = 64, SUPERVISOR_CGROUP = 128,
  KILL_ON_CAP = 256, ATTACHED = 512, EVENTS = 1024, OPEN_STDIN = 2048, STDIN_ONCE = 4096,
  JOINED = 8192, /* the first of JOINED_MAX bits, one for each descriptor from FD_JOINED on */
  POLICY_FLAGS = 262143,
};

enum restart { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS, RESTART_UNLESS_STOPPED };

struct policy {
  u32 flags;
  u32 restart;
  u32 restart_max;
  u32 backoff_first;
  u32 backoff_longest;
  u32 good_run;
  u32 stop_signal;
  u32 grace;
  u64 limit;
  u64 log_bytes;
  u32 log_files;
  u32 cgroup;
  u32 restarts;
  u32 event;
  u32 event_length;
  u8 zero[28];
};

struct step {
  u8 operation;
  u8 guard;
  u8 guard_register;
  u8 destination;
  u16 call;
  u16 zero;
  u16 tolerated[4];
  u8 kind[6];
  u16 zero_too;
  u64 operand[6];
};

_Static_assert(sizeof(struct header) == 64 && sizeof(struct policy) == 96 && sizeof(struct step) == 72, "the format");

/* A plan that plan_decode has accepted; points into its bytes. */
struct plan {
  const struct policy *policy;
  const struct step *steps;
  const char *blob;
  u32 blob_length;
  const u8 *scratch;
  u32 scratch_length;
  u16 section[SECTIONS + 1];
};

static inline u32 operand_offset(const struct step *step, int i) { return (u32)step->operand[i]; }
static inline u32 operand_extent(const struct step *step, int i) { return (u32)(step->operand[i] >> 32); }

/* Accepts `size` bytes, aligned to eight, as a plan for a container (or for an exec), or answers -errno and names the step to
 * blame or NO_STEP. The launcher's own build id is an argument so that tests can choose it. */
int plan_decode(struct plan *plan, const void *bytes, size_t size, u64 build, bool exec, u32 *blame);

u64 checksum(const void *bytes, size_t size);

#endif
