#include "stream.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

// libpng's simplified interface keeps its longjmp to itself.

static int fail(png_image *image, char *message) {
  const char *reason = image->message[0] ? image->message : "unreadable";
  // All that can go wrong with reading from memory.
  if (strcmp(reason, "Read Error") == 0) reason = "it is cut off";
  strncpy(message, reason, nns_image_message_size - 1);
  message[nns_image_message_size - 1] = 0;
  png_image_free(image);
  return 1;
}

static png_uint_32 format_of(uint32_t channels) {
  switch (channels) {
    case 1: return PNG_FORMAT_GRAY;
    case 2: return PNG_FORMAT_GA;
    case 3: return PNG_FORMAT_RGB;
    default: return PNG_FORMAT_RGBA;
  }
}

static int begin(png_image *image, FILE *file) {
  memset(image, 0, sizeof *image);
  image->version = PNG_IMAGE_VERSION;
  return file && png_image_begin_read_from_stdio(image, file);
}

static int describe(FILE *file, struct nns_image_size *size, char *message) {
  png_image image;
  if (!begin(&image, file)) return fail(&image, message);
  size->width = image.width;
  size->height = image.height;
  size->channels = (image.format & PNG_FORMAT_FLAG_COLOR ? 3 : 1) + (image.format & PNG_FORMAT_FLAG_ALPHA ? 1 : 0);
  png_image_free(&image);
  return 0;
}

int nns_png_describe(struct nns_image_file file, struct nns_image_size *size, char *message) {
  struct stream stream = {file, 0};
  FILE *opened = nns_image_open(&stream);
  const int status = describe(opened, size, message);
  if (opened) fclose(opened);
  return status;
}

static int read_pixels(FILE *file, struct nns_image_size size, uint8_t *pixels, char *message) {
  png_image image;
  if (!begin(&image, file)) return fail(&image, message);
  if (image.width != size.width || image.height != size.height) return fail(&image, message);
  image.format = format_of(size.channels);
  if (!png_image_finish_read(&image, NULL, pixels, 0, NULL)) return fail(&image, message);
  return 0;
}

int nns_png_read(struct nns_image_file file, struct nns_image_size size, uint8_t *pixels, char *message) {
  struct stream stream = {file, 0};
  FILE *opened = nns_image_open(&stream);
  const int status = read_pixels(opened, size, pixels, message);
  if (opened) fclose(opened);
  return status;
}

int nns_png_write(const uint8_t *pixels, struct nns_image_size size, uint8_t **file, size_t *count, char *message) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = size.width;
  image.height = size.height;
  image.format = format_of(size.channels);
  png_alloc_size_t room = PNG_IMAGE_PNG_SIZE_MAX(image);
  *file = malloc(room);
  if (!*file) return fail(&image, message);
  if (!png_image_write_to_memory(&image, *file, &room, 0, pixels, 0, NULL)) {
    free(*file);
    *file = NULL;
    return fail(&image, message);
  }
  *count = room;
  return 0;
}
