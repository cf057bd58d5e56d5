/* Checks a plan completely before any of it runs, so that the executor need not doubt it. */
#include "calls.h"

enum { MEMORY = 1 << BLOB | 1 << SCRATCH, VALUE = 1 << IMMEDIATE | 1 << REGISTER };

u64 checksum(const void *bytes, size_t size) {
  u64 sum = 0xcbf29ce484222325;
  for (size_t i = 0; i + 8 <= size; i += 8) {
    u64 word;
    memcpy(&word, (const u8 *)bytes + i, 8);
    sum = (sum ^ word) * 0x100000001b3;
  }
  return sum;
}

static bool zeros(const void *bytes, size_t size) {
  const u8 *b = bytes;
  for (size_t i = 0; i < size; i++)
    if (b[i]) return false;
  return true;
}

static u32 padded(u32 length) { return (length + 7) & ~7U; }

/* An operand of one of the kinds in the mask, within its part. */
static bool fits(const struct plan *plan, const struct step *step, int i, int kinds) {
  if (step->kind[i] > REGISTER || !(kinds & 1 << step->kind[i])) return false;
  u64 end = (u64)operand_offset(step, i) + operand_extent(step, i);
  switch (step->kind[i]) {
    case BLOB: return end <= plan->blob_length && operand_offset(step, i) < plan->blob_length;
    case SCRATCH: return end <= plan->scratch_length && operand_offset(step, i) < plan->scratch_length;
    case REGISTER: return step->operand[i] < REGISTERS;
    default: return true;
  }
}

static bool is_immediate(const struct step *step, int i, u64 most) {
  return step->kind[i] == IMMEDIATE && step->operand[i] <= most;
}

static bool unused_from(const struct step *step, int first) {
  for (int i = first; i < 6; i++)
    if (step->kind[i] != IMMEDIATE || step->operand[i] != 0) return false;
  return true;
}

static bool is_null(const struct step *step, int i) { return step->kind[i] == IMMEDIATE && step->operand[i] == 0; }

/* A size that is known before anything runs, and not larger than the memory beside it. */
static bool is_size(const struct step *step, int at, u64 unit, int memory) {
  return step->kind[at] == IMMEDIATE && step->operand[at] <= PLAN_MAX && step->operand[at] * unit <= operand_extent(step, memory);
}

static bool argument_fits(const struct plan *plan, const struct step *step, const struct call *call, int i) {
  char letter = call->arguments[i];
  if (letter == 'v') return fits(plan, step, i, VALUE);
  if (letter == 'r') return fits(plan, step, i, 1 << REGISTER);
  if (is_null(step, i)) {
    if (letter == 'i' || letter == 'w') return is_null(step, i + 1);
    return letter == 's' || letter == 'b' || (letter == 'o' && call->number == __NR_prlimit64) ||
           (letter == 'g' && is_null(step, i - 1));
  }
  bool written = letter == 'o' || letter == 'w';
  if (!fits(plan, step, i, written ? 1 << SCRATCH : MEMORY)) return false;
  switch (letter) {
    case 's': return true;
    case 'b':
    case 'o': return operand_extent(step, i) >= call->size;
    case 'i':
    case 'w': return is_size(step, i + 1, 1, i);
    case 'j': return is_size(step, i - 1, 1, i);
    case 'g': return is_size(step, i - 1, 4, i);
    default: return false;
  }
}

static bool call_fits(const struct plan *plan, const struct step *step, enum section section) {
  const struct call *call = call_find(step, section);
  if (!call) return false;
  int i = 0;
  for (; call->arguments[i]; i++)
    if (!argument_fits(plan, step, call, i)) return false;
  bool supervisor = section == PREPARE || section == BEFORE || section == TEARDOWN;
  if (call->makes_descriptor && supervisor && step->destination == NO_REGISTER) return false;
  return unused_from(step, i);
}

/* The list of an EXEC: three counts, then so many offsets of strings. */
static bool list_fits(const struct plan *plan, const struct step *step) {
  u32 counts[3], offset, extent = operand_extent(step, 0);
  const char *list = plan->blob + operand_offset(step, 0);
  if (extent < sizeof counts) return false;
  memcpy(counts, list, sizeof counts);
  if (counts[0] < 1 || counts[0] > CANDIDATES_MAX || counts[1] < 1) return false;
  if (counts[1] > VECTOR_MAX || counts[2] > VECTOR_MAX || counts[1] + counts[2] > VECTOR_MAX) return false;
  u32 strings = counts[0] + counts[1] + counts[2];
  if (extent != sizeof counts + 4 * strings) return false;
  for (u32 i = 0; i < strings; i++) {
    memcpy(&offset, list + sizeof counts + 4 * i, 4);
    if (offset >= plan->blob_length) return false;
  }
  return true;
}

static bool same_extent(const struct step *step, int i, int j) { return operand_extent(step, i) == operand_extent(step, j); }

static bool store_fits(const struct plan *plan, const struct step *step) {
  if (!fits(plan, step, 0, 1 << REGISTER) || !fits(plan, step, 1, 1 << SCRATCH) || !is_immediate(step, 2, 10)) return false;
  u32 extent = operand_extent(step, 1);
  switch (step->operand[2]) {
    case 4: return extent >= 4;
    case 8: return extent >= 8;
    case 10: return extent >= 21;
    default: return false;
  }
}

/* Instructions of eight bytes, as many as the kernel takes. */
static bool program_fits(const struct plan *plan, const struct step *step, int i) {
  u32 extent = operand_extent(step, i);
  return fits(plan, step, i, 1 << BLOB) && extent >= 8 && extent % 8 == 0 && extent / 8 <= 4096;
}

/* Strings that follow each other, the last of which ends with its memory. */
static bool strings_fit(const struct plan *plan, const struct step *step, int i) {
  u32 extent = operand_extent(step, i);
  return fits(plan, step, i, 1 << BLOB) && extent > 0 && plan->blob[operand_offset(step, i) + extent - 1] == 0;
}

/* Flags and a register with a cgroup, or nothing at all. */
static bool clone_fits(const struct plan *plan, const struct step *step) {
  if (is_null(step, 1)) return is_null(step, 0);
  return is_immediate(step, 0, UINT64_MAX) && fits(plan, step, 1, 1 << REGISTER);
}

/* Whether the operands are what the operation takes; which section it may be in is checked by allowed_in. */
static bool operands_fit(const struct plan *plan, const struct step *step, enum section section) {
  switch (step->operation) {
    case OP_CALL: return call_fits(plan, step, section);
    case OP_CHECK:
      return fits(plan, step, 0, 1 << SCRATCH) && fits(plan, step, 1, 1 << BLOB) && fits(plan, step, 2, 1 << BLOB) &&
             same_extent(step, 0, 1) && same_extent(step, 0, 2) && is_immediate(step, 3, 4095) && step->operand[3] &&
             unused_from(step, 4);
    case OP_STORE: return store_fits(plan, step) && unused_from(step, 3);
    case OP_WRITEALL:
      return fits(plan, step, 0, 1 << REGISTER) && fits(plan, step, 1, MEMORY) && fits(plan, step, 2, MEMORY) &&
             is_immediate(step, 3, UINT32_MAX) && unused_from(step, 4);
    case OP_MKPATH:
      return fits(plan, step, 0, 1 << REGISTER) && fits(plan, step, 1, MEMORY) && is_immediate(step, 2, 07777) &&
             is_immediate(step, 3, 1) && is_immediate(step, 4, UINT32_MAX) && unused_from(step, 5);
    case OP_USERNS:
      return fits(plan, step, 0, 1 << BLOB) && fits(plan, step, 1, 1 << BLOB) && is_immediate(step, 2, 3) &&
             is_immediate(step, 3, step->operand[2] & 2 ? REGISTERS - 1 : NO_REGISTER) && unused_from(step, 4);
    case OP_CLONE: return clone_fits(plan, step) && unused_from(step, 2);
    case OP_SYNC: return is_immediate(step, 0, UINT32_MAX) && unused_from(step, 1);
    case OP_AWAIT: return fits(plan, step, 0, 1 << REGISTER) && is_immediate(step, 1, UINT32_MAX) && unused_from(step, 2);
    case OP_SENDFD: return fits(plan, step, 0, 1 << REGISTER) && is_immediate(step, 1, 1) && unused_from(step, 2);
    case OP_EXEC: return fits(plan, step, 0, 1 << BLOB) && list_fits(plan, step) && unused_from(step, 1);
    case OP_FILTER: return program_fits(plan, step, 0) && is_immediate(step, 1, UINT32_MAX) && unused_from(step, 2);
    case OP_DEVICES: return fits(plan, step, 0, 1 << REGISTER) && program_fits(plan, step, 1) && unused_from(step, 2);
    case OP_INIT: return unused_from(step, 0);
    case OP_COVER:
      return fits(plan, step, 0, 1 << REGISTER) && fits(plan, step, 1, 1 << REGISTER) && fits(plan, step, 2, 1 << REGISTER) &&
             strings_fit(plan, step, 3) && unused_from(step, 4);
    default: return false;
  }
}

static bool allowed_in(const struct plan *plan, const struct step *step, enum section section) {
  bool last = step == plan->steps + plan->section[section + 1] - 1;
  switch (step->operation) {
    case OP_USERNS: return section == PREPARE || section == BEFORE;
    case OP_DEVICES: return section == BEFORE;
    case OP_CLONE: return section == STAGE && last && step->guard == GUARD_ALWAYS;
    case OP_EXEC:
    case OP_INIT: return section == CHILD;
    case OP_COVER:
    case OP_FILTER:
    case OP_SYNC:
    case OP_AWAIT:
    case OP_SENDFD: return section == STAGE || section == CHILD;
    default: return true;
  }
}

static bool step_fits(const struct plan *plan, const struct step *step, enum section section) {
  if (step->guard > GUARD_VOID || step->zero || step->zero_too) return false;
  if (step->guard == GUARD_ALWAYS ? step->guard_register != 0 : step->guard_register >= REGISTERS) return false;
  if (step->destination >= REGISTERS && step->destination != NO_REGISTER) return false;
  if (step->operation != OP_CALL && step->call != 0) return false;
  for (int i = 0; i < 4; i++)
    if (step->tolerated[i] > 4095) return false;
  return allowed_in(plan, step, section) && operands_fit(plan, step, section);
}

/* One path component: neither empty nor "." nor ".." nor with a slash. */
static bool is_component(const char *name) {
  size_t length = strlen(name);
  if (length == 0 || length > 255 || same(name, ".") || same(name, "..")) return false;
  for (size_t i = 0; i < length; i++)
    if (name[i] == '/') return false;
  return true;
}

static bool policy_fits(const struct plan *plan) {
  const struct policy *policy = plan->policy;
  if (policy->flags & ~(u32)POLICY_FLAGS || policy->restart > RESTART_UNLESS_STOPPED) return false;
  if (policy->stop_signal < 1 || policy->stop_signal > SIGNALS || policy->backoff_first > policy->backoff_longest) return false;
  if (policy->log_bytes && (policy->log_files < 1 || policy->log_files > 100)) return false;
  if (policy->flags & CGROUP && (policy->cgroup >= plan->blob_length || !is_component(plan->blob + policy->cgroup))) return false;
  if (policy->event > plan->blob_length || policy->event_length > plan->blob_length - policy->event) return false;
  return zeros(policy->zero, sizeof policy->zero);
}

/* Whether the parts follow each other without gaps and sections divide the steps. */
static bool layout_fits(const struct header *header) {
  if (header->steps > STEPS_MAX || header->zero || header->scratch_length > SCRATCH_MAX) return false;
  if (header->blob_length < 1 || header->blob_length > PLAN_MAX) return false;
  if (header->blob != sizeof *header + sizeof(struct policy) + header->steps * sizeof(struct step)) return false;
  if (header->scratch != header->blob + padded(header->blob_length)) return false;
  if (header->length != header->scratch + padded(header->scratch_length)) return false;
  if (header->section[0] != 0 || header->section[SECTIONS] != header->steps) return false;
  for (int i = 0; i < SECTIONS; i++)
    if (header->section[i] > header->section[i + 1]) return false;
  return true;
}

/* A container's plan is for the launcher that comes with it. An exec's may be of a newer one: what this one does not know, it finds. */
static int refuse_header(const struct header *header, size_t size, u64 build, bool exec) {
  if (size < sizeof *header + sizeof(struct policy) || header->magic != PLAN_MAGIC) return -EBADMSG;
  if (header->version != PLAN_VERSION) return -EPROTONOSUPPORT;
  if (header->machine != ELF_MACHINE) return -ENOEXEC;
  if (!exec && header->build != build) return -ESTALE;
  if (header->length != size || size % 8 != 0) return -EBADMSG;
  if (checksum((const u8 *)header + 24, size - 24) != header->checksum) return -EBADMSG;
  return layout_fits(header) ? 0 : -EINVAL;
}

/* A container ends STAGE with CLONE and CHILD with EXEC; an exec has nothing that runs once. */
static bool sections_fit(const struct plan *plan, bool exec) {
  const u16 *section = plan->section;
  if (section[STAGE] == section[CHILD] || section[CHILD] == section[TEARDOWN]) return false;
  if (plan->steps[section[CHILD] - 1].operation != OP_CLONE) return false;
  if (plan->steps[section[TEARDOWN] - 1].operation != OP_EXEC) return false;
  return !exec || (section[BEFORE] == 0 && section[TEARDOWN] == section[SECTIONS]);
}

int plan_decode(struct plan *plan, const void *bytes, size_t size, u64 build, bool exec, u32 *blame) {
  const struct header *header = bytes;
  *blame = NO_STEP;
  if (size > PLAN_MAX) return -E2BIG;
  int refused = refuse_header(header, size, build, exec);
  if (refused) return refused;
  const char *base = bytes;
  plan->policy = (const struct policy *)(base + sizeof *header);
  plan->steps = (const struct step *)(plan->policy + 1);
  plan->blob = base + header->blob;
  plan->blob_length = header->blob_length;
  plan->scratch = (const u8 *)base + header->scratch;
  plan->scratch_length = header->scratch_length;
  memcpy(plan->section, header->section, sizeof plan->section);
  if (plan->blob[plan->blob_length - 1] != 0) return -EINVAL;
  if (!zeros(plan->blob + plan->blob_length, padded(plan->blob_length) - plan->blob_length)) return -EINVAL;
  if (!zeros(plan->scratch + plan->scratch_length, padded(plan->scratch_length) - plan->scratch_length)) return -EINVAL;
  if (!exec && !policy_fits(plan)) return -EINVAL;
  if (!sections_fit(plan, exec)) return -EINVAL;
  for (int section = ENTER; section < SECTIONS; section++)
    for (u32 i = plan->section[section]; i < plan->section[section + 1]; i++)
      if (!step_fits(plan, &plan->steps[i], (enum section)section)) {
        *blame = i;
        return -EINVAL;
      }
  return 0;
}
