/* Whether and when a container is started again. */
#include "supervise.h"

bool wants_restart(void) {
  if (self.stopping || self.run.failed || self.restart == RESTART_NO) return false;
  if (self.restart_max && self.record.restarts >= self.restart_max) return false;
  return self.restart != RESTART_ON_FAILURE || self.record.code != 0;
}

void back_off(void) {
  u64 now = monotonic_ms();
  const struct policy *policy = self.policy;
  if (self.backoff == 0 || now - self.run_began >= policy->good_run) self.backoff = policy->backoff_first;
  self.state = STATE_BACKOFF;
  self.restart_at = now + self.backoff + !self.backoff;
  self.backoff *= 2;
  if (self.backoff > policy->backoff_longest) self.backoff = policy->backoff_longest;
}

void restart(void) {
  self.restart_at = 0;
  self.record.restarts++;
  self.opened = true;
  cgroup_thaw();
  begin_run();
}

/* A run that was asked to stop before it began, after others: how the last one ended is how the container did. */
bool restart_is_cancelled(void) {
  return self.run.failed && self.stopping && self.record.started && self.run.failure.error == ECANCELED;
}

/* Between two runs there is nobody to signal: the next one does not come. How the last one ended stays, and its output is read to the
 * end. May not return. */
void call_off_restart(void) {
  if (self.state != STATE_DRAINING) request_stop(0, 0);
  self.stopping = true;
  self.record.flags |= RECORD_STOPPED;
}
