#include "Memory.h"

#include <malloc.h>

size_t bytes_in_use(void) {
  struct mallinfo2 all = mallinfo2();
  return all.uordblks + all.hblkhd;
}
