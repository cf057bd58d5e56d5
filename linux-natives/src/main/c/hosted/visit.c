/* Reads everything that the executor would of a plan that was accepted, so that a sanitizer sees what lies outside; runs the
 * sections that only compute. */
#include "visit.h"

#include <stdlib.h>

NORETURN void leave(int status) { _Exit(status); }

static u64 read_all(const void *at, u32 size) {
  u64 sum = 0;
  for (u32 i = 0; i < size; i++) sum += ((const volatile u8 *)at)[i];
  return sum;
}

static bool only_computes(const struct plan *plan, int section) {
  for (u32 i = plan->section[section]; i < plan->section[section + 1]; i++) {
    u8 operation = plan->steps[i].operation;
    if (operation != OP_CHECK && operation != OP_STORE) return false;
  }
  return true;
}

static void visit_step(const struct plan *plan, const struct step *step, const u8 *scratch, int section) {
  for (int i = 0; i < 6; i++) {
    if (step->kind[i] == BLOB) {
      read_all(plan->blob + operand_offset(step, i), operand_extent(step, i));
      if (strlen(plan->blob + operand_offset(step, i)) >= plan->blob_length) abort();
    }
    if (step->kind[i] == SCRATCH) read_all(scratch + operand_offset(step, i), operand_extent(step, i));
  }
  if (step->operation == OP_CALL && !call_find(step, (enum section)section)) abort();
}

void visit(const struct plan *plan) {
  u8 *scratch = calloc(1, plan->scratch_length + 1); /* exact, with its NUL */
  struct machine machine;
  struct failure failure;
  for (int section = ENTER; section < SECTIONS; section++)
    for (u32 i = plan->section[section]; i < plan->section[section + 1]; i++)
      visit_step(plan, &plan->steps[i], scratch, section);
  machine_reset(&machine, plan, scratch);
  for (int section = ENTER; section < SECTIONS; section++) {
    for (int i = 0; i < REGISTERS; i += 2) machine.reg[i] = (u64)i * 0x123456789ULL;
    if (only_computes(plan, section)) machine_run(&machine, (enum section)section, &failure);
  }
  free(scratch);
}
