/* Files below a verified directory, by openat2(2): WRITEALL, MKPATH and COVER. */
#include "machine.h"

#include <linux/fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/stat.h>

#ifndef S_IFMT /* which the header leaves to a C library if there is one */
#define S_IFMT 0170000
#define S_IFDIR 0040000
#endif

enum { PATH_LONGEST = 4096, ATTEMPTS = 32, LINKS = 40 };

struct file_system {
  u64 type;
  u64 rest[14];
};

/* EAGAIN means that a rename somewhere made the kernel unsure. */
static int open_in(int directory, const char *path, u64 flags, u64 resolve) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve | RESOLVE_NO_MAGICLINKS};
  int fd = -EAGAIN;
  for (int i = 0; i < ATTEMPTS && fd == -EAGAIN; i++) fd = (int)SYS(openat2, directory, path, &how, sizeof how);
  return fd;
}

static int on_file_system(int fd, u64 magic) {
  struct file_system answer;
  long result = SYS(fstatfs, fd, &answer);
  if (result < 0) return (int)result;
  return answer.type == magic ? 0 : -EXDEV;
}

/* procfs's link "self" is the one symbolic link that is followed, as the first component and only on procfs. */
static int open_for_writing(int directory, const char *path) {
  const u64 strict = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  if (strlen(path) < 5 || memcmp(path, "self/", 5) != 0) return open_in(directory, path, O_WRONLY, strict);
  int proc = on_file_system(directory, PROC_SUPER_MAGIC);
  if (proc < 0) return proc;
  int self = open_in(directory, "self", O_PATH | O_DIRECTORY, RESOLVE_BENEATH);
  if (self < 0) return self;
  int fd = open_in(self, path + 5, O_WRONLY, strict);
  close_fd(&self);
  return fd;
}

int write_all(int directory, const char *path, const void *data, size_t size, u32 magic) {
  int fd = open_for_writing(directory, path);
  if (fd < 0) return fd;
  long result = magic ? on_file_system(fd, magic) : 0;
  if (result == 0) {
    result = SYS(write, fd, data, size);
    if (result >= 0) result = (size_t)result == size ? 0 : -EIO;
  }
  long closed = SYS(close, fd);
  return (int)(result < 0 ? result : closed);
}

static int make_missing(int parent, const char *name, u32 mode, bool file) {
  if (!file) return (int)SYS(mkdirat, parent, name, mode);
  int fd = (int)SYS(openat, parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return fd;
  SYS(close, fd);
  return 0;
}

/* The path that is walked, as far as it goes, and what a link says. */
static char whole[PATH_LONGEST], so_far[PATH_LONGEST], target[PATH_LONGEST];

/* Puts what a link says in its place: the component from `start` to `end`, which `parent` and `name` also mean. */
static int follow(int parent, const char *name, size_t start, size_t end) {
  size_t rest = strlen(whole + end) + 1;
  long length = SYS(readlinkat, parent, name, target, sizeof target);
  if (length < 0) return (int)length;
  size_t kept = target[0] == '/' ? 0 : start;
  if (kept + (size_t)length + rest > sizeof whole) return -ENAMETOOLONG;
  memcpy(target + length, whole + end, rest);
  memcpy(whole + kept, target, (size_t)length + rest);
  return 0;
}

/* Opens the path so far, which `parent` and its last component also name, making that component if it is missing. A link to what is
 * missing is none of both: EEXIST. */
static int open_or_make(int root, int parent, const char *name, u32 mode, bool file) {
  const u64 flags = O_PATH | (file ? 0 : O_DIRECTORY);
  int fd = open_in(root, so_far, flags, RESOLVE_IN_ROOT);
  if (fd != -ENOENT || same(name, "..")) return fd;
  int made = make_missing(parent, name, mode, file);
  if (made < 0 && made != -EEXIST) return made;
  fd = open_in(root, so_far, flags, RESOLVE_IN_ROOT);
  return fd == -ENOENT && made == -EEXIST ? made : fd;
}

/* Walks once; 0 where a link was followed and all begins anew. */
static int walk(int root, u32 mode, bool file) {
  size_t length = 0;
  int parent = open_in(root, ".", O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT);
  while (parent >= 0 && whole[length]) {
    while (whole[length] == '/') so_far[length] = '/', length++;
    size_t start = length;
    while (whole[length] && whole[length] != '/') so_far[length] = whole[length], length++;
    so_far[length] = 0;
    const char *name = so_far + start;
    if (*name == 0 || same(name, ".")) continue;
    int fd = open_or_make(root, parent, name, mode, file && whole[length] == 0);
    bool link = fd == -EEXIST;
    if (link) fd = follow(parent, name, start, length);
    close_fd(&parent);
    if (link) return fd;
    parent = fd;
  }
  return parent;
}

static int walk_over_links(int root, const char *path, u32 mode, bool file) {
  size_t size = strlen(path) + 1;
  if (size > sizeof whole) return -ENAMETOOLONG;
  memcpy(whole, path, size);
  int fd = 0;
  for (int i = 0; i < LINKS && fd == 0; i++) fd = walk(root, mode, file);
  return fd == 0 ? -ELOOP : fd;
}

/* EXDEV if it is the root: what is mounted there hides the root from whoever enters it later. */
static int not_the_root(int root, int fd) {
  struct statx top, place;
  long result = SYS(statx, root, "", AT_EMPTY_PATH, STATX_INO, &top);
  if (result == 0) result = SYS(statx, fd, "", AT_EMPTY_PATH, STATX_INO, &place);
  if (result < 0) return (int)result;
  bool one = top.stx_ino == place.stx_ino && top.stx_dev_major == place.stx_dev_major && top.stx_dev_minor == place.stx_dev_minor;
  return one ? -EXDEV : 0;
}

/* EXDEV where it leads onto the forbidden file system, or is the root, unless that is 0. */
int make_path(int root, const char *path, u32 mode, bool file, u32 forbidden) {
  long mask = SYS(umask, 0);
  int fd = walk_over_links(root, path, mode, file);
  SYS(umask, mask);
  if (fd < 0 || forbidden == 0) return fd;
  int result = on_file_system(fd, forbidden);
  if (result == 0) result = -EXDEV;
  else if (result == -EXDEV) result = not_the_root(root, fd);
  if (result == 0) return fd;
  close_fd(&fd);
  return result;
}

int find_place(int root, const char *path) { return open_in(root, path, O_PATH, RESOLVE_IN_ROOT); }

static int attach(int mount, int place) {
  return (int)SYS(move_mount, mount, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int attach_copy(int mount, int place) {
  int copy = (int)SYS(open_tree, mount, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (copy < 0) return copy;
  int result = attach(copy, place);
  close_fd(&copy);
  return result;
}

/* A mount can be copied only where it is attached: move_mount(2), open_tree(2). */
int cover_place(int place, struct cover *directory, struct cover *file) {
  struct statx status;
  int result = (int)SYS(statx, place, "", AT_EMPTY_PATH, STATX_TYPE, &status);
  if (result < 0) return result;
  struct cover *cover = (status.stx_mode & S_IFMT) == S_IFDIR ? directory : file;
  if (cover->attached) return attach_copy(cover->mount, place);
  result = attach(cover->mount, place);
  cover->attached = result == 0;
  return result;
}
