#include "stream.h"

#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

struct failure {
  struct jpeg_error_mgr manager;
  jmp_buf back;
  char *message;
  // What the caller gives back: 1, or 2 where memory is what there is too little of.
  int status;
};

static void leave(j_common_ptr info) {
  struct failure *failure = (struct failure *)info->err;
  char text[JMSG_LENGTH_MAX];
  int code = info->err->msg_code;
  failure->status = code == JERR_NO_BACKING_STORE || code == JERR_OUT_OF_MEMORY ? 2 : 1;
  info->err->format_message(info, text);
  strncpy(failure->message, text, nns_image_message_size - 1);
  failure->message[nns_image_message_size - 1] = 0;
  longjmp(failure->back, 1);
}

/// A warning means that the data are damaged: what libjpeg would fill in is not in the file.
static void warn(j_common_ptr info, int level) {
  if (level < 0) leave(info);
}

static void quiet(j_common_ptr info) { (void)info; }

static struct jpeg_error_mgr *errors(struct failure *failure, char *message) {
  jpeg_std_error(&failure->manager);
  failure->manager.error_exit = leave;
  failure->manager.emit_message = warn;
  failure->manager.output_message = quiet;
  failure->message = message;
  return &failure->manager;
}

static int no_memory(char *message) {
  strcpy(message, "there is no memory to read it");
  return 1;
}

static int describe(FILE *file, size_t count, struct nns_image_size *size, char *message) {
  struct jpeg_decompress_struct info;
  struct failure failure;
  info.err = errors(&failure, message);
  if (setjmp(failure.back)) {
    jpeg_destroy_decompress(&info);
    return 1;
  }
  jpeg_create_decompress(&info);
  jpeg_stdio_src(&info, file);
  jpeg_read_header(&info, TRUE);
  size->width = info.image_width;
  size->height = info.image_height;
  size->channels = info.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
  // Huffman's codes have a bit at least, and one stands for 32 x 32 pixels at most.
  if (!info.arith_code && (uint64_t)info.image_width * info.image_height / (8 * 32 * 32) > count) {
    strcpy(message, "its bytes cannot hold the pixels that it claims to have");
    jpeg_destroy_decompress(&info);
    return 1;
  }
  jpeg_destroy_decompress(&info);
  return 0;
}

int nns_jpeg_describe(struct nns_image_file file, struct nns_image_size *size, char *message) {
  struct stream stream = {file, 0};
  FILE *opened = nns_image_open(&stream);
  if (!opened) return no_memory(message);
  const int status = describe(opened, file.count, size, message);
  fclose(opened);
  return status;
}

static int read_pixels(FILE *file, struct nns_image_size size, size_t memory, uint8_t *pixels, char *message) {
  struct jpeg_decompress_struct info;
  struct failure failure;
  info.err = errors(&failure, message);
  if (setjmp(failure.back)) {
    jpeg_destroy_decompress(&info);
    return failure.status;
  }
  jpeg_create_decompress(&info);
  // Pictures in several passes are held as a whole besides their pixels.
  info.mem->max_memory_to_use = memory < LONG_MAX ? (long)memory : LONG_MAX;
  jpeg_stdio_src(&info, file);
  jpeg_read_header(&info, TRUE);
  info.out_color_space = size.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&info);
  if (info.output_width != size.width || info.output_height != size.height ||
      (uint32_t)info.output_components != size.channels) {
    strcpy(message, "its parts disagree about its size");
    jpeg_destroy_decompress(&info);
    return 1;
  }
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels + (size_t)info.output_scanline * size.width * size.channels;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return 0;
}

int nns_jpeg_read(
    struct nns_image_file file, struct nns_image_size size, size_t memory, uint8_t *pixels, char *message) {
  struct stream stream = {file, 0};
  FILE *opened = nns_image_open(&stream);
  if (!opened) return no_memory(message);
  const int status = read_pixels(opened, size, memory, pixels, message);
  fclose(opened);
  return status;
}

int nns_jpeg_write(
    const uint8_t *pixels, struct nns_image_size size, int quality, uint8_t **file, size_t *count, char *message) {
  struct jpeg_compress_struct info;
  struct failure failure;
  // libjpeg changes them between setjmp and longjmp.
  unsigned char *volatile *volatile target = (unsigned char *volatile *)file;
  unsigned long length = 0;
  *file = NULL;
  info.err = errors(&failure, message);
  if (setjmp(failure.back)) {
    jpeg_destroy_compress(&info);
    free(*target);
    *target = NULL;
    return 1;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, file, &length);
  info.image_width = size.width;
  info.image_height = size.height;
  info.input_components = (int)size.channels;
  info.in_color_space = size.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)info.next_scanline * size.width * size.channels);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  *count = length;
  return 0;
}
