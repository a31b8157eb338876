#pragma once

// zlib as it is: deflate streams of gzip and zip files.
#include <zlib.h>
