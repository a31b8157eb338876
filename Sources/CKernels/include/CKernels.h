#pragma once
#include "attention.h"
#include "chain.h"
#include "convolution.h"
#include "ctc.h"
#include "elementwise.h"
#include "fused.h"
#include "picking.h"
#include "pooling.h"
#include "random.h"
#include "recurrent.h"
#include "reduce.h"
#include "sorting.h"
#include <stddef.h>

// Makes the calling thread treat denormal numbers as zero.
void nns_flush_denormals(void);
// Memory for large blocks, in huge pages where the system has them; null if there is none. Whole pages.
void *nns_map(size_t size);
void nns_unmap(void *block, size_t size);
// The instruction set that loops are dispatched to.
const char *nns_instruction_set(void);
// Writes a number with so many decimals, or in scientific form, into a buffer; returns its length.
int nns_format_fixed(double value, int decimals, char *buffer, int capacity);
int nns_format_scientific(double value, int decimals, char *buffer, int capacity);
