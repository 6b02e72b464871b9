/* Faults below Python: counts the calls by which a process changes files under one folder, and kills it or fails them at a chosen one.
 * Built and preloaded by injection.py. The counter is of the process; a forked child goes on with a copy. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum mode { COUNT, KILL, TEAR, FULL };
static enum mode mode = COUNT;
static atomic_long calls;
static long chosen = -1;
static char under[PATH_MAX];
static char part[256];
static int log_handle = -1;

/* Calls number `at` (from 1) whose path lies under `folder` and holds `piece`. KILL: the process dies before it; TEAR: half of a write is
 * made first; FULL: it and all after it fail with ENOSPC. Each call is noted in the file `log`, if one is named. */
void fault_arm(int how, long at, const char *folder, const char *piece, const char *log) {
  snprintf(under, sizeof under, "%s", folder);
  snprintf(part, sizeof part, "%s", piece);
  chosen = at;
  mode = how;
  atomic_store(&calls, 0);
  if (log && *log) log_handle = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static int concerns(const char *path) {
  return under[0] && strncmp(path, under, strlen(under)) == 0 && strstr(path, part);
}

/* 0: go on. Otherwise the call is the chosen one, or comes after it on a full disk. */
static int struck(const char *name, const char *path) {
  long number = atomic_fetch_add(&calls, 1) + 1;
  if (log_handle >= 0) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, name, path + strlen(under));
    syscall(SYS_write, log_handle, line, length);
  }
  return mode == FULL ? chosen > 0 && number >= chosen : number == chosen;
}

static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

static int by_path(const char *name, int folder, const char *path) {
  char full[PATH_MAX];
  if (path[0] == '/') {
    snprintf(full, sizeof full, "%s", path);
  } else {
    char link[64], base[PATH_MAX];
    if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, base, sizeof base - 1);
    if (length < 0) return 0;
    base[length] = 0;
    if (snprintf(full, sizeof full, "%s/%s", base, path) >= (int)sizeof full) return 0;
  }
  if (!concerns(full) || !struck(name, full)) return 0;
  if (mode != FULL) die();
  return 1;
}

static int by_handle(const char *name, int handle, int *torn) {
  if (!under[0]) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  if (!concerns(path) || !struck(name, path)) return 0;
  if (mode == TEAR && torn) { *torn = 1; return 0; }
  if (mode != FULL) die();
  return 1;
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name);
#define NO_SPACE do { errno = ENOSPC; return -1; } while (0)

ssize_t write(int handle, const void *data, size_t size) {
  REAL(ssize_t, write, int, const void *, size_t)
  int torn = 0;
  if (by_handle("write", handle, &torn)) NO_SPACE;
  if (torn) { real(handle, data, size / 2); die(); }
  return real(handle, data, size);
}
ssize_t pwrite(int handle, const void *data, size_t size, off_t at) {
  REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
  int torn = 0;
  if (by_handle("pwrite", handle, &torn)) NO_SPACE;
  if (torn) { real(handle, data, size / 2, at); die(); }
  return real(handle, data, size, at);
}
ssize_t pwrite64(int handle, const void *data, size_t size, off64_t at) {
  REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)
  int torn = 0;
  if (by_handle("pwrite", handle, &torn)) NO_SPACE;
  if (torn) { real(handle, data, size / 2, at); die(); }
  return real(handle, data, size, at);
}
ssize_t sendfile(int out, int in, off_t *from, size_t size) {
  REAL(ssize_t, sendfile, int, int, off_t *, size_t)
  if (by_handle("sendfile", out, NULL)) NO_SPACE;
  return real(out, in, from, size);
}
int fsync(int handle) {
  REAL(int, fsync, int)
  if (by_handle("fsync", handle, NULL)) NO_SPACE;
  return real(handle);
}
int fdatasync(int handle) {
  REAL(int, fdatasync, int)
  if (by_handle("fdatasync", handle, NULL)) NO_SPACE;
  return real(handle);
}
int ftruncate(int handle, off_t size) {
  REAL(int, ftruncate, int, off_t)
  if (by_handle("ftruncate", handle, NULL)) NO_SPACE;
  return real(handle, size);
}
int ftruncate64(int handle, off64_t size) {
  REAL(int, ftruncate64, int, off64_t)
  if (by_handle("ftruncate", handle, NULL)) NO_SPACE;
  return real(handle, size);
}
int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *)
  if (by_path("rename", AT_FDCWD, to)) NO_SPACE;
  return real(from, to);
}
int renameat(int a, const char *from, int b, const char *to) {
  REAL(int, renameat, int, const char *, int, const char *)
  if (by_path("rename", b, to)) NO_SPACE;
  return real(a, from, b, to);
}
int mkdir(const char *path, mode_t rights) {
  REAL(int, mkdir, const char *, mode_t)
  if (by_path("mkdir", AT_FDCWD, path)) NO_SPACE;
  return real(path, rights);
}
/* Removing needs no room, so a full disk does not fail it. */
int unlink(const char *path) {
  REAL(int, unlink, const char *)
  if (mode != FULL) by_path("unlink", AT_FDCWD, path);
  return real(path);
}
int unlinkat(int folder, const char *path, int flags) {
  REAL(int, unlinkat, int, const char *, int)
  if (mode != FULL) by_path("unlink", folder, path);
  return real(folder, path, flags);
}
int rmdir(const char *path) {
  REAL(int, rmdir, const char *)
  if (mode != FULL) by_path("rmdir", AT_FDCWD, path);
  return real(path);
}
