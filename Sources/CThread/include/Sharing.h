#pragma once
#include <stdint.h>

// Threads of the process that help whoever has work for several. They sleep while there is none and keep nothing of it.

/// Calls `body` for every part from 0 up to `parts`, on this thread and on as many as `helpers` others that are free, and
/// returns when all calls have. Any number of threads may do so at the same time, inside of bodies too.
///
/// Helpers treat denormal numbers as the calling thread does.
void nns_share(int64_t parts, int helpers, void (*body)(void *context, int64_t part), void *context);

/// How many processors this process may run on.
int nns_processor_count(void);
