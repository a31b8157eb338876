#define _GNU_SOURCE
#include "CThread.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>
#if defined(__linux__)
#include <linux/magic.h>
#include <sys/vfs.h>
#endif

static _Thread_local int teardown_depth;
static _Thread_local void *teardown_pile;

int nns_teardown_enter(void) { return teardown_depth++; }
void nns_teardown_leave(void) { teardown_depth--; }
int nns_teardown_depth(void) { return teardown_depth; }
void *nns_teardown_pile(void) { return teardown_pile; }
void nns_teardown_set_pile(void *pile) { teardown_pile = pile; }

const void *nns_find(const void *whole, size_t size, const void *part, size_t part_size) {
  return memmem(whole, size, part, part_size);
}

int nns_is_kernel_view(int descriptor) {
#if defined(__linux__)
  struct statfs system;
  if (fstatfs(descriptor, &system) != 0) return 1;
  switch ((unsigned long)system.f_type) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case DEBUGFS_MAGIC:
    case TRACEFS_MAGIC:
    case SECURITYFS_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
    case BPF_FS_MAGIC:
    case DEVPTS_SUPER_MAGIC:
    case PSTOREFS_MAGIC:
    case EFIVARFS_MAGIC: return 1;
    default: return 0;
  }
#else
  (void)descriptor;
  return 0;
#endif
}

size_t nns_stack_size(void) {
  size_t size = (size_t)512 << 20;
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  // It has room for 65,536 calls inside of each other and writes on where there are more (kShadowStackSize of its tsan_defs.h);
  // recursion in a script makes 3,000 to a megabyte.
  size = (size_t)20 << 20;
#endif
#endif
  return size;
}

uintptr_t nns_stack_limit(uintptr_t reserve) {
#if defined(__linux__)
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void *lowest = NULL;
  size_t size = 0;
  int failed = pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return failed ? 0 : (uintptr_t)lowest + reserve;
#elif defined(__APPLE__)
  pthread_t thread = pthread_self();
  return (uintptr_t)pthread_get_stackaddr_np(thread) - pthread_get_stacksize_np(thread) + reserve;
#else
  return 0;
#endif
}
