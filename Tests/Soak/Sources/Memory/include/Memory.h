#pragma once
#include <stddef.h>

/// Bytes that malloc has given out and not got back.
size_t bytes_in_use(void);
