#pragma once
#include <stddef.h>
#include <stdint.h>

// PNG and JPEG by libpng and libjpeg. Their ways of failing (longjmp, messages on standard error) end here: every
// function gives 0, or another number with the reason in `message`.

/// Room for a reason.
enum { nns_image_message_size = 256 };

/// Size of a picture: 1 to 4 channels of 8 bits (grey, grey and alpha, RGB, RGBA).
struct nns_image_size {
  uint32_t width, height, channels;
};

/// A file in memory, and who may stop its reading: `stops` is asked with `context` every few kilobytes; where it gives 1, the
/// file ends there.
struct nns_image_file {
  const uint8_t *bytes;
  size_t count;
  int (*stops)(void *context);
  void *context;
};

/// What a file's header says.
int nns_png_describe(struct nns_image_file file, struct nns_image_size *size, char *message);
/// Decodes into height * width * channels bytes, row by row, the channels of a pixel side by side.
int nns_png_read(struct nns_image_file file, struct nns_image_size size, uint8_t *pixels, char *message);
/// Encodes; `*file` is to be freed.
int nns_png_write(const uint8_t *pixels, struct nns_image_size size, uint8_t **file, size_t *count, char *message);

/// The same for JPEG, which has 1 or 3 channels; `channels` of what is read may be set to either. Besides the pixels it
/// takes up to `memory` bytes, and gives 2 where that is too little.
int nns_jpeg_describe(struct nns_image_file file, struct nns_image_size *size, char *message);
int nns_jpeg_read(
    struct nns_image_file file, struct nns_image_size size, size_t memory, uint8_t *pixels, char *message);
int nns_jpeg_write(
    const uint8_t *pixels, struct nns_image_size size, int quality, uint8_t **file, size_t *count, char *message);
