// The files of stdlib/, embedded, so that one binary is the whole install. A new file is an array and a row of the
// table; a test compares the table with the folder. The names of `prelude/` are visible everywhere.

#include "CStdlib.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char attention_nns[] = {
#embed "../../stdlib/prelude/attention.nns"
};

static const unsigned char convolution_nns[] = {
#embed "../../stdlib/prelude/convolution.nns"
};

static const unsigned char generation_nns[] = {
#embed "../../stdlib/prelude/generation.nns"
};

static const unsigned char layers_nns[] = {
#embed "../../stdlib/prelude/layers.nns"
};

static const unsigned char losses_nns[] = {
#embed "../../stdlib/prelude/losses.nns"
};

static const unsigned char normalisation_nns[] = {
#embed "../../stdlib/prelude/normalisation.nns"
};

static const unsigned char optimizers_nns[] = {
#embed "../../stdlib/prelude/optimizers.nns"
};

static const unsigned char recurrent_nns[] = {
#embed "../../stdlib/prelude/recurrent.nns"
};

static const unsigned char schedules_nns[] = {
#embed "../../stdlib/prelude/schedules.nns"
};

static const unsigned char summary_nns[] = {
#embed "../../stdlib/prelude/summary.nns"
};

static const unsigned char training_nns[] = {
#embed "../../stdlib/prelude/training.nns"
};

static const unsigned char transformer_nns[] = {
#embed "../../stdlib/prelude/transformer.nns"
};

static const unsigned char datasets_nns[] = {
#embed "../../stdlib/datasets.nns"
};

static const unsigned char plot_nns[] = {
#embed "../../stdlib/plot.nns"
};

static const unsigned char plot_axes_nns[] = {
#embed "../../stdlib/plot/axes.nns"
};

static const unsigned char plot_colours_nns[] = {
#embed "../../stdlib/plot/colours.nns"
};

static const unsigned char plot_font_nns[] = {
#embed "../../stdlib/plot/font.nns"
};

static const unsigned char plot_layout_nns[] = {
#embed "../../stdlib/plot/layout.nns"
};

static const unsigned char plot_pictures_nns[] = {
#embed "../../stdlib/plot/pictures.nns"
};

static const unsigned char plot_raster_nns[] = {
#embed "../../stdlib/plot/raster.nns"
};

static const unsigned char plot_svg_nns[] = {
#embed "../../stdlib/plot/svg.nns"
};

static const unsigned char plot_terminal_nns[] = {
#embed "../../stdlib/plot/terminal.nns"
};

static const unsigned char vision_nns[] = {
#embed "../../stdlib/vision.nns"
};

static const unsigned char metrics_nns[] = {
#embed "../../stdlib/metrics.nns"
};

static const unsigned char text_nns[] = {
#embed "../../stdlib/text.nns"
};

static const unsigned char audio_nns[] = {
#embed "../../stdlib/audio.nns"
};

static const unsigned char digits_npy[] = {
#embed "../../stdlib/digits.npy"
};

static const unsigned char iris_npy[] = {
#embed "../../stdlib/iris.npy"
};

static const unsigned char shakespeare_txt_gz[] = {
#embed "../../stdlib/shakespeare.txt.gz"
};

static const unsigned char sms_spam_tsv_gz[] = {
#embed "../../stdlib/sms_spam.tsv.gz"
};

static const unsigned char sunspots_npy[] = {
#embed "../../stdlib/sunspots.npy"
};

static const nns_stdlib_file files[] = {
    {"prelude/attention.nns", attention_nns, sizeof attention_nns},
    {"prelude/convolution.nns", convolution_nns, sizeof convolution_nns},
    {"prelude/generation.nns", generation_nns, sizeof generation_nns},
    {"prelude/layers.nns", layers_nns, sizeof layers_nns},
    {"prelude/losses.nns", losses_nns, sizeof losses_nns},
    {"prelude/normalisation.nns", normalisation_nns, sizeof normalisation_nns},
    {"prelude/optimizers.nns", optimizers_nns, sizeof optimizers_nns},
    {"prelude/recurrent.nns", recurrent_nns, sizeof recurrent_nns},
    {"prelude/schedules.nns", schedules_nns, sizeof schedules_nns},
    {"prelude/summary.nns", summary_nns, sizeof summary_nns},
    {"prelude/training.nns", training_nns, sizeof training_nns},
    {"prelude/transformer.nns", transformer_nns, sizeof transformer_nns},
    {"datasets.nns", datasets_nns, sizeof datasets_nns},
    {"plot.nns", plot_nns, sizeof plot_nns},
    {"plot/axes.nns", plot_axes_nns, sizeof plot_axes_nns},
    {"plot/colours.nns", plot_colours_nns, sizeof plot_colours_nns},
    {"plot/font.nns", plot_font_nns, sizeof plot_font_nns},
    {"plot/layout.nns", plot_layout_nns, sizeof plot_layout_nns},
    {"plot/pictures.nns", plot_pictures_nns, sizeof plot_pictures_nns},
    {"plot/raster.nns", plot_raster_nns, sizeof plot_raster_nns},
    {"plot/svg.nns", plot_svg_nns, sizeof plot_svg_nns},
    {"plot/terminal.nns", plot_terminal_nns, sizeof plot_terminal_nns},
    {"vision.nns", vision_nns, sizeof vision_nns},
    {"metrics.nns", metrics_nns, sizeof metrics_nns},
    {"text.nns", text_nns, sizeof text_nns},
    {"audio.nns", audio_nns, sizeof audio_nns},
    {"digits.npy", digits_npy, sizeof digits_npy},
    {"iris.npy", iris_npy, sizeof iris_npy},
    {"sunspots.npy", sunspots_npy, sizeof sunspots_npy},
    {"sms_spam.tsv.gz", sms_spam_tsv_gz, sizeof sms_spam_tsv_gz},
    {"shakespeare.txt.gz", shakespeare_txt_gz, sizeof shakespeare_txt_gz},
};

size_t nns_stdlib_count(void) { return sizeof files / sizeof files[0]; }

nns_stdlib_file nns_stdlib_get(size_t index) { return files[index]; }
