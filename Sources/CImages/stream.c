#define _GNU_SOURCE
#include "stream.h"

#include <string.h>
#include <sys/types.h>

static size_t take(struct stream *stream, char *buffer, size_t count) {
  if (stream->file.stops && stream->file.stops(stream->file.context)) return 0;
  const size_t left = stream->file.count - stream->position;
  if (count > left) count = left;
  if (count > 0) memcpy(buffer, stream->file.bytes + stream->position, count);
  stream->position += count;
  return count;
}

#ifdef __APPLE__
static int take_some(void *stream, char *buffer, int count) { return (int)take(stream, buffer, (size_t)count); }

FILE *nns_image_open(struct stream *stream) { return funopen(stream, take_some, NULL, NULL, NULL); }
#else
static ssize_t take_some(void *stream, char *buffer, size_t count) { return (ssize_t)take(stream, buffer, count); }

FILE *nns_image_open(struct stream *stream) {
  return fopencookie(stream, "rb", (cookie_io_functions_t){.read = take_some});
}
#endif
