#include "calls.h"

#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <linux/keyctl.h>
#include <linux/nsfs.h>
#include <linux/prctl.h>
#include <linux/sockios.h>

#ifndef __NR_lsm_set_self_attr
#define __NR_lsm_set_self_attr 459
#endif

/* Which sections: the spawned process (E), the supervisor (P, B, T), the fork and the new process (S, C). A call that would
 * change the supervisor for good, or touch descriptors by number, is not for its sections. */
enum { E = 1 << ENTER, P = 1 << PREPARE, B = 1 << BEFORE, S = 1 << STAGE, C = 1 << CHILD, T = 1 << TEARDOWN };
enum { ALL = E | P | B | S | C | T, OWN = E | S | C, SPACES = E | P | S | C };

#define CALL(name, in, args) {__NR_##name, in, false, args, NO_SELECTOR, 0, 0}
#define OPEN(name, in, args) {__NR_##name, in, true, args, NO_SELECTOR, 0, 0}
#define SIZED(name, in, args, size) {__NR_##name, in, false, args, NO_SELECTOR, size, 0}
#define PICK(name, in, args, at, choice) {__NR_##name, in, false, args, at, 0, choice}
#define PICK_SIZED(name, in, args, at, choice, size) {__NR_##name, in, false, args, at, size, choice}
#define PICK_OPEN(name, in, args, at, choice) {__NR_##name, in, true, args, at, 0, choice}

static const struct call permitted[] = {
    /* descriptors */
    OPEN(openat, ALL, "vsvv"),
    OPEN(openat2, ALL, "vsiv"),
    CALL(close, ALL, "r"),
    CALL(close_range, S | C, "vvv"),
    OPEN(dup3, S | C, "rvv"),
    PICK_OPEN(fcntl, ALL, "vvv", 1, F_DUPFD_CLOEXEC),
    PICK(fcntl, ALL, "rvv", 1, F_SETFD),
    PICK(fcntl, ALL, "rvv", 1, F_SETFL),
    PICK(fcntl, ALL, "rvv", 1, F_ADD_SEALS),
    PICK(fcntl, ALL, "rvv", 1, F_SETPIPE_SZ),
    CALL(read, ALL, "vwv"),
    CALL(write, ALL, "viv"),
    OPEN(socket, ALL, "vvv"),
    OPEN(memfd_create, ALL, "sv"),
    OPEN(pidfd_open, P | B | S, "vv"),
    /* mounts */
    CALL(mount, OWN, "sssvs"),
    CALL(umount2, OWN, "sv"),
    OPEN(fsopen, ALL, "sv"),
    CALL(fsconfig, ALL, "vvssv"),
    OPEN(fsmount, ALL, "vvv"),
    CALL(move_mount, SPACES, "vsvsv"),
    OPEN(open_tree, ALL, "vsv"),
    CALL(mount_setattr, ALL, "vsviv"),
    CALL(pivot_root, OWN, "ss"),
    CALL(chroot, OWN, "s"),
    CALL(chdir, OWN, "s"),
    CALL(fchdir, OWN, "v"),
    /* files */
    CALL(mkdirat, ALL, "vsv"),
    CALL(mknodat, ALL, "vsvv"),
    CALL(symlinkat, ALL, "svs"),
    CALL(unlinkat, ALL, "vsv"),
    CALL(linkat, ALL, "vsvsv"),
    CALL(renameat2, ALL, "vsvsv"),
    CALL(fchmod, ALL, "vv"),
    CALL(fchmodat, ALL, "vsv"),
    CALL(fchown, ALL, "vvv"),
    CALL(fchownat, ALL, "vsvvv"),
    SIZED(statx, ALL, "vsvvo", 256),
    SIZED(fstatfs, ALL, "vo", 120),
    CALL(readlinkat, ALL, "vswv"),
    CALL(getcwd, ALL, "wv"),
    CALL(umask, OWN, "v"),
    /* namespaces and what they name */
    CALL(setns, SPACES, "vv"),
    CALL(unshare, SPACES, "v"),
    CALL(sethostname, S | C, "iv"),
    CALL(setdomainname, S | C, "iv"),
    /* devices, terminals, network interfaces: ioctl_tty(2), netdevice(7), ioctl_ns(2) */
    PICK(ioctl, ALL, "vvv", 1, TIOCSCTTY),
    PICK(ioctl, ALL, "vvv", 1, TIOCNOTTY),
    PICK_OPEN(ioctl, ALL, "vvv", 1, TIOCGPTPEER),
    PICK_SIZED(ioctl, ALL, "vvb", 1, TIOCSPTLCK, 4),
    PICK_SIZED(ioctl, ALL, "vvo", 1, TIOCGPTN, 4),
    PICK_SIZED(ioctl, ALL, "vvb", 1, TIOCSWINSZ, 8),
    PICK_SIZED(ioctl, ALL, "vvo", 1, SIOCGIFFLAGS, 40),
    PICK_SIZED(ioctl, ALL, "vvb", 1, SIOCSIFFLAGS, 40),
    PICK_SIZED(ioctl, ALL, "vvb", 1, SIOCSIFADDR, 40),
    PICK_SIZED(ioctl, ALL, "vvb", 1, SIOCSIFNETMASK, 40),
    PICK_OPEN(ioctl, ALL, "vvv", 1, NS_GET_USERNS),
    PICK_OPEN(ioctl, ALL, "vvv", 1, NS_GET_PARENT),
    /* the process */
    CALL(setsid, OWN, ""),
    PICK(prctl, OWN, "vv", 0, PR_SET_PDEATHSIG),
    PICK(prctl, OWN, "vv", 0, PR_SET_DUMPABLE),
    PICK(prctl, OWN, "vv", 0, PR_SET_KEEPCAPS),
    PICK(prctl, OWN, "vs", 0, PR_SET_NAME),
    PICK(prctl, OWN, "vv", 0, PR_CAPBSET_READ),
    PICK(prctl, OWN, "vv", 0, PR_CAPBSET_DROP),
    PICK(prctl, OWN, "vv", 0, PR_SET_SECUREBITS),
    PICK(prctl, OWN, "vv", 0, PR_SET_TIMERSLACK),
    PICK(prctl, OWN, "vv", 0, PR_SET_CHILD_SUBREAPER),
    PICK(prctl, OWN, "vvvvv", 0, PR_SET_NO_NEW_PRIVS),
    PICK(prctl, OWN, "vvvvv", 0, PR_SET_THP_DISABLE),
    PICK(prctl, OWN, "vvvvv", 0, PR_CAP_AMBIENT),
    PICK(prctl, OWN, "vvvvv", 0, PR_SET_SPECULATION_CTRL),
    SIZED(capset, OWN, "bb", 8),
    CALL(setgroups, OWN, "vg"),
    CALL(setresuid, OWN, "vvv"),
    CALL(setresgid, OWN, "vvv"),
    SIZED(prlimit64, OWN, "vvbo", 16),
    PICK(keyctl, OWN, "vs", 0, KEYCTL_JOIN_SESSION_KEYRING),
    PICK(keyctl, OWN, "vvv", 0, KEYCTL_GET_KEYRING_ID),
    PICK(keyctl, OWN, "vvv", 0, KEYCTL_SETPERM),
    CALL(lsm_set_self_attr, OWN, "vivv"),
    CALL(personality, OWN, "v"),
    CALL(sched_setaffinity, OWN, "vvj"),
    SIZED(sched_setscheduler, OWN, "vvb", 4),
    CALL(ioprio_set, OWN, "vvv"),
    CALL(setpriority, OWN, "vvv"),
};

const struct call *call_find(const struct step *step, enum section section) {
  for (size_t i = 0; i < COUNT(permitted); i++) {
    const struct call *call = &permitted[i];
    if (call->number != step->call || !(call->sections & 1 << section)) continue;
    if (call->selector == NO_SELECTOR) return call;
    if (step->kind[call->selector] == IMMEDIATE && step->operand[call->selector] == call->choice) return call;
  }
  return NULL;
}
