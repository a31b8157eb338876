#pragma once

#include <stddef.h>

/// One file of stdlib/, as it was when the program was compiled.
typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t size;
} nns_stdlib_file;

/// Number of files.
size_t nns_stdlib_count(void);

/// The file with an index below `nns_stdlib_count()`.
nns_stdlib_file nns_stdlib_get(size_t index);
