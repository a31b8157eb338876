#pragma once
#include <stdio.h>

#include "CImages.h"

/// A file in memory as the libraries read it, and how far they have come.
struct stream {
  struct nns_image_file file;
  size_t position;
};

/// - Returns: NULL where there is no memory. `stream` must outlive what is returned.
FILE *nns_image_open(struct stream *stream);
