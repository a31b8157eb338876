// The files of stdlib/, embedded, so that one binary is the whole install. A new file is an array and a row of the
// table; a test compares the table with the folder.

#include "CStdlib.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char prelude_nns[] = {
#embed "../../stdlib/prelude.nns"
};

static const unsigned char datasets_nns[] = {
#embed "../../stdlib/datasets.nns"
};

static const unsigned char plot_nns[] = {
#embed "../../stdlib/plot.nns"
};

static const unsigned char vision_nns[] = {
#embed "../../stdlib/vision.nns"
};

static const unsigned char metrics_nns[] = {
#embed "../../stdlib/metrics.nns"
};

static const unsigned char digits_npy[] = {
#embed "../../stdlib/digits.npy"
};

static const unsigned char iris_npy[] = {
#embed "../../stdlib/iris.npy"
};

static const nns_stdlib_file files[] = {
    {"prelude.nns", prelude_nns, sizeof prelude_nns},
    {"datasets.nns", datasets_nns, sizeof datasets_nns},
    {"plot.nns", plot_nns, sizeof plot_nns},
    {"vision.nns", vision_nns, sizeof vision_nns},
    {"metrics.nns", metrics_nns, sizeof metrics_nns},
    {"digits.npy", digits_npy, sizeof digits_npy},
    {"iris.npy", iris_npy, sizeof iris_npy},
};

size_t nns_stdlib_count(void) { return sizeof files / sizeof files[0]; }

nns_stdlib_file nns_stdlib_get(size_t index) { return files[index]; }
