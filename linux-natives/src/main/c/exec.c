/* The executor: one step after the other, no branches but guards. The plan has been accepted by plan_decode. */
#include "calls.h"
#include "machine.h"

#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/poll.h>
#include <linux/time_types.h>

void machine_reset(struct machine *machine, const struct plan *plan, u8 *scratch) {
  machine->plan = plan;
  machine->scratch = scratch;
  machine->descriptors = 0;
  machine->sync = -1;
  for (int i = 0; i < REGISTERS; i++) machine->reg[i] = VOID_REGISTER;
  if (plan->scratch_length) memcpy(scratch, plan->scratch, plan->scratch_length);
}

/* By write, which a seccomp filter that is already in force must allow anyway. */
void tell(const struct machine *machine, u32 kind, u32 a, u32 b, u32 c) {
  struct sync_message message = {kind, a, b, c};
  SYS(write, machine->sync, &message, sizeof message);
}

static u64 operand(const struct machine *machine, const struct step *step, int i) {
  switch (step->kind[i]) {
    case BLOB: return (u64)(uintptr_t)(machine->plan->blob + operand_offset(step, i));
    case SCRATCH: return (u64)(uintptr_t)(machine->scratch + operand_offset(step, i));
    case REGISTER: return machine->reg[step->operand[i]];
    default: return step->operand[i];
  }
}

static void *memory(const struct machine *machine, const struct step *step, int i) {
  return (void *)(uintptr_t)operand(machine, step, i);
}

static bool is_void(const struct machine *machine, u8 number) { return machine->reg[number] == VOID_REGISTER; }

static bool skipped(const struct machine *machine, const struct step *step) {
  if (step->guard == GUARD_VALUE && is_void(machine, step->guard_register)) return true;
  if (step->guard == GUARD_VOID && !is_void(machine, step->guard_register)) return true;
  if (step->operation == OP_CLONE) return false;
  for (int i = 0; i < 6; i++)
    if (step->kind[i] == REGISTER && is_void(machine, (u8)step->operand[i])) return true;
  return false;
}

static bool tolerated(const struct step *step, long error) {
  for (int i = 0; i < 4; i++)
    if (step->tolerated[i] && step->tolerated[i] == error) return true;
  return false;
}

/* Before a register takes something else: the descriptor that a step made for it is closed, or a plan with many mounts would run
 * out of them. */
static void release(const struct machine *machine, u8 number) {
  if (number >= OWN_REGISTERS && machine->descriptors >> number & 1) SYS(close, machine->reg[number]);
}

static void put_descriptor(struct machine *machine, u64 number, long fd) {
  machine->reg[number] = (u64)fd;
  machine->descriptors |= 1ULL << number;
}

static long call(struct machine *machine, const struct step *step) {
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = (long)operand(machine, step, i);
  long result = syscall6(step->call, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (step->call == __NR_close) machine->descriptors &= ~(1ULL << step->operand[0]);
  return result;
}

static long check(struct machine *machine, const struct step *step) {
  const u8 *value = memory(machine, step, 0), *mask = memory(machine, step, 1), *wanted = memory(machine, step, 2);
  bool same = true;
  for (u32 i = 0; i < operand_extent(step, 0); i++)
    if ((value[i] & mask[i]) != wanted[i]) same = false;
  return same ? 0 : -(long)step->operand[3];
}

static void store_decimal(u8 *at, u64 value) {
  u8 digits[20];
  int count = 0;
  do digits[count++] = (u8)('0' + value % 10);
  while ((value /= 10) != 0);
  while (count > 0) *at++ = digits[--count];
  *at = 0;
}

static long store(struct machine *machine, const struct step *step) {
  u64 value = operand(machine, step, 0);
  u8 *at = memory(machine, step, 1);
  if (step->operand[2] == 10)
    store_decimal(at, value);
  else
    memcpy(at, &value, step->operand[2]);
  return 0;
}

static long user_namespace(struct machine *machine, const struct step *step) {
  struct bytes uid_map = {memory(machine, step, 0), operand_extent(step, 0)};
  struct bytes gid_map = {memory(machine, step, 1), operand_extent(step, 1)};
  int net = -1;
  bool with_net = step->operand[2] & 2;
  int user = make_user_namespace(uid_map, gid_map, step->operand[2] & 1, with_net ? &net : NULL);
  if (user >= 0 && with_net) put_descriptor(machine, step->operand[3], net);
  return user;
}

static long clone_into(const struct machine *machine, const struct step *step) {
  u64 cgroup = operand(machine, step, 1);
  struct clone_args args = {.flags = step->operand[0] | CLONE_PARENT};
  if (cgroup != VOID_REGISTER) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = cgroup;
  }
  return SYS(clone3, &args, sizeof args);
}

/* Among other processes the new one must not hold for an instant what it will not need; and a seccomp filter may already be in
 * force, to which clone(2) is known. */
static long clone_plain(const struct machine *machine) {
  close_unused(machine, CHILD);
  return SYS(clone, CLONE_PARENT, NULL, NULL, NULL, NULL);
}

static long clone_child(struct machine *machine, const struct step *step) {
  bool plain = step->kind[1] == IMMEDIATE;
  long pid = plain ? clone_plain(machine) : clone_into(machine, step);
  if (pid > 0) leave(0);
  if (pid < 0) return pid;
  tell(machine, SYNC_BORN, 0, 0, 0);
  if (!plain) close_unused(machine, CHILD);
  return 0;
}

static long await(struct machine *machine, const struct step *step) {
  u32 ms = (u32)step->operand[1];
  u8 byte;
  struct pollfd poll = {.fd = (int)operand(machine, step, 0), .events = POLLIN};
  struct __kernel_timespec limit = {ms / 1000, (long)(ms % 1000) * 1000000};
  tell(machine, SYNC_WAITING, ms, 0, 0);
  long ready;
  do ready = SYS(ppoll, &poll, 1, ms == UINT32_MAX ? NULL : &limit, NULL, 8);
  while (ready == -EINTR);
  if (ready <= 0) return ready == 0 ? -ETIMEDOUT : ready;
  long size = SYS(read, poll.fd, &byte, 1);
  tell(machine, SYNC_WAITING, 0, 0, 0);
  return size == 1 ? 0 : size < 0 ? size : -EPIPE;
}

static long send_descriptor(struct machine *machine, const struct step *step) {
  struct sync_message message = {SYNC_FD, (u32)step->operand[1], 0, 0};
  int fd = (int)operand(machine, step, 0);
  return send_message(machine->sync, &message, sizeof message, &fd, 1, 0);
}

/* What is tolerated is that a path leads nowhere, and nothing else. */
static long cover(struct machine *machine, const struct step *step) {
  int root = (int)operand(machine, step, 0);
  struct cover directory = {.mount = (int)operand(machine, step, 1)}, file = {.mount = (int)operand(machine, step, 2)};
  const char *path = memory(machine, step, 3), *end = path + operand_extent(step, 3);
  for (; path < end; path += strlen(path) + 1) {
    int place = find_place(root, path);
    if (tolerated(step, -place)) continue;
    long result = place < 0 ? place : cover_place(place, &directory, &file);
    close_fd(&place);
    if (result < 0) return result;
  }
  return 0;
}

static long filter(struct machine *machine, const struct step *step) {
  struct sock_fprog program = {(u16)(operand_extent(step, 0) / 8), memory(machine, step, 0)};
  return SYS(seccomp, SECCOMP_SET_MODE_FILTER, step->operand[1], &program);
}

/* Replaces what an earlier run has attached; those of the cgroups above stay in force. */
static long attach_devices(int cgroup, int program) {
  union bpf_attr attr = {0};
  attr.target_fd = (u32)cgroup;
  attr.attach_bpf_fd = (u32)program;
  attr.attach_type = BPF_CGROUP_DEVICE;
  return SYS(bpf, BPF_PROG_ATTACH, &attr, sizeof attr);
}

static long permit_devices(struct machine *machine, const struct step *step) {
  union bpf_attr attr = {0};
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insn_cnt = operand_extent(step, 1) / 8;
  attr.insns = operand(machine, step, 1);
  attr.license = (u64)(uintptr_t)"";
  long program = SYS(bpf, BPF_PROG_LOAD, &attr, sizeof attr);
  if (program < 0) return program;
  long result = attach_devices((int)operand(machine, step, 0), (int)program);
  SYS(close, program);
  return result;
}

/* Pointers to the strings of an EXEC's list, from which vectors are cut; in the forked process only. */
static const char *strings[VECTOR_MAX + 2];

static const char *take_string(const struct plan *plan, const char **list) {
  u32 offset;
  memcpy(&offset, *list, 4);
  *list += 4;
  return plan->blob + offset;
}

static const char **take_strings(const struct plan *plan, const char **list, u32 count, const char **to) {
  for (u32 i = 0; i < count; i++) to[i] = take_string(plan, list);
  to[count] = NULL;
  return to + count + 1;
}

static long execute(struct machine *machine, const struct step *step) {
  const char *list = memory(machine, step, 0);
  u32 counts[3];
  memcpy(counts, list, sizeof counts);
  const char *candidates = list + sizeof counts;
  list = candidates + 4 * counts[0];
  const char **environment = take_strings(machine->plan, &list, counts[1], strings);
  take_strings(machine->plan, &list, counts[2], environment);
  tell(machine, SYNC_EXECUTING, 0, 0, 0);
  long error = -ENOENT;
  for (u32 i = 0; i < counts[0]; i++) {
    long result = SYS(execve, take_string(machine->plan, &candidates), strings, environment);
    if (result != -ENOENT && result != -ENOTDIR && result != -EACCES) return result;
    if (result == -EACCES) error = result;
  }
  return error;
}

static long perform(struct machine *machine, const struct step *step) {
  switch (step->operation) {
    case OP_CALL: return call(machine, step);
    case OP_CHECK: return check(machine, step);
    case OP_STORE: return store(machine, step);
    case OP_WRITEALL:
      return write_all((int)operand(machine, step, 0), memory(machine, step, 1), memory(machine, step, 2),
                       operand_extent(step, 2), (u32)step->operand[3]);
    case OP_MKPATH:
      return make_path((int)operand(machine, step, 0), memory(machine, step, 1), (u32)step->operand[2], step->operand[3],
                       (u32)step->operand[4]);
    case OP_USERNS: return user_namespace(machine, step);
    case OP_CLONE: return clone_child(machine, step);
    case OP_SYNC: tell(machine, SYNC_REACHED, (u32)step->operand[0], 0, 0); return 0;
    case OP_AWAIT: return await(machine, step);
    case OP_SENDFD: return send_descriptor(machine, step);
    case OP_EXEC: return execute(machine, step);
    case OP_FILTER: return filter(machine, step);
    case OP_INIT: return become_init();
    case OP_COVER: return cover(machine, step);
    default: return permit_devices(machine, step); /* OP_DEVICES */
  }
}

static bool makes_descriptor(const struct step *step, enum section section) {
  if (step->operation == OP_CALL) return call_find(step, section)->makes_descriptor;
  return step->operation == OP_MKPATH || step->operation == OP_USERNS;
}

int machine_run(struct machine *machine, enum section section, struct failure *failure) {
  const struct plan *plan = machine->plan;
  for (u32 i = plan->section[section]; i < plan->section[section + 1]; i++) {
    const struct step *step = &plan->steps[i];
    long result = (long)VOID_REGISTER;
    bool done = !skipped(machine, step);
    if (done) result = perform(machine, step);
    if (done && result < 0 && result >= -4095) {
      if (step->operation == OP_COVER || !tolerated(step, -result)) {
        *failure = (struct failure){section, i, (u32)-result};
        return -1;
      }
      done = false;
      result = (long)VOID_REGISTER;
    }
    if (step->destination == NO_REGISTER) continue;
    release(machine, step->destination);
    if (done && makes_descriptor(step, section)) {
      put_descriptor(machine, step->destination, result);
    } else {
      machine->reg[step->destination] = (u64)result;
      machine->descriptors &= ~(1ULL << step->destination);
    }
  }
  return 0;
}

/* Registers that steps of these sections use, and those whose numbers were stored as text in earlier ones. */
static u64 used_registers(const struct plan *plan, enum section from) {
  u64 used = 0;
  for (u32 i = 0; i < plan->section[CHILD + 1]; i++) {
    const struct step *step = &plan->steps[i];
    if (i < plan->section[from] && step->operation != OP_STORE) continue;
    for (int j = 0; j < 6; j++)
      if (step->kind[j] == REGISTER) used |= 1ULL << step->operand[j];
  }
  return used;
}

void close_unused(const struct machine *machine, enum section from) {
  u64 kept = used_registers(machine->plan, from) & machine->descriptors;
  u32 sorted[REGISTERS + 1] = {(u32)machine->sync};
  int count = 1;
  for (int i = 0; i < REGISTERS; i++) {
    if (!(kept >> i & 1)) continue;
    u32 fd = (u32)machine->reg[i];
    int at = count++;
    for (; at > 0 && sorted[at - 1] > fd; at--) sorted[at] = sorted[at - 1];
    sorted[at] = fd;
  }
  u32 next = 3;
  for (int i = 0; i < count; i++) {
    if (sorted[i] < next) continue;
    if (sorted[i] > next) SYS(close_range, next, sorted[i] - 1, 0);
    next = sorted[i] + 1;
  }
  SYS(close_range, next, ~0U, 0);
}
