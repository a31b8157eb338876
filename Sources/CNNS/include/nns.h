#ifndef NNS_H
#define NNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// NNS for programs in C and whatever can call C: make an interpreter, run a script, call what it has defined, read and
// write tensors. Link with -lnns-c.
//
// What gives a pointer gives null on failure, and what gives a bool gives false; nns_error_… then say why. Values belong to
// their interpreter, are counted, and are given back with nns_value_release. An interpreter and its values are used from one
// thread at a time; nns_cancel may be called from any. Texts are UTF-8 and end in a zero byte.

typedef struct nns_interpreter nns_interpreter;
typedef struct nns_value nns_value;

// What scripts may reach and use up. All zero is the sandbox: nothing is reached, memory and steps end where the machine's do.
typedef struct nns_options {
  int64_t steps;    // of one run or call: loop passes, calls, elements of tensor work; 0: no limit
  int64_t memory;   // bytes held at one time; 0: no limit
  int64_t depth;    // nested calls; 0: as many as scripts usually have
  double seconds;   // of one run or call; 0: no limit
  int32_t threads;  // of a large operation; 0: as many as there are processors
  uint64_t seed;    // what random numbers begin with
  // Takes what `print` writes; null: nobody does.
  void (*print)(void *context, const char *text);
  void *context;
  // Folders that scripts may read or write, called by the paths given here; each list ends in a null. Null: none.
  const char *const *readable;
  const char *const *writable;
} nns_options;

// The kinds of elements of tensors.
typedef enum nns_element {
  NNS_ELEMENT_F32,
  NNS_ELEMENT_F64,
  NNS_ELEMENT_BF16,
  NNS_ELEMENT_I64,
  NNS_ELEMENT_I32,
  NNS_ELEMENT_U8,
  NNS_ELEMENT_BOOL
} nns_element;

// The kinds of values.
typedef enum nns_kind {
  NNS_KIND_NIL,
  NNS_KIND_BOOL,
  NNS_KIND_INT,
  NNS_KIND_FLOAT,
  NNS_KIND_STRING,
  NNS_KIND_TENSOR,
  NNS_KIND_LIST,
  NNS_KIND_RECORD,
  NNS_KIND_FUNCTION,  // and models that can be called
  NNS_KIND_OTHER
} nns_kind;

// A new interpreter; without options a sandbox. Null where a folder cannot be opened.
nns_interpreter *nns_create(const nns_options *options);
// Lets go of an interpreter. Its values live on until they are released, and keep of it what they need.
void nns_destroy(nns_interpreter *interpreter);

// Runs a text, and gives the value of its last line.
nns_value *nns_run(nns_interpreter *interpreter, const char *source, const char *name);
// What a name means: one of the text that was run last, or a built-in.
nns_value *nns_global(nns_interpreter *interpreter, const char *name);
// Calls a function or model with arguments by place.
nns_value *nns_call(nns_interpreter *interpreter, const nns_value *function, const nns_value *const *arguments, size_t count);
// What stands after a point: a field, a method, a member of a module.
nns_value *nns_member(nns_interpreter *interpreter, const nns_value *value, const char *name);
// Stops what is running, from any thread, within moments; where nothing is running, the next run.
void nns_cancel(nns_interpreter *interpreter);

// What went wrong in the last call that failed; valid until the next call with this interpreter.
// One of: syntax name type shape dtype index key value arithmetic io assert raise limit interrupt; empty without an error.
const char *nns_error_kind(nns_interpreter *interpreter);
// One line.
const char *nns_error_message(nns_interpreter *interpreter);
// All of it, with the lines at fault, as the command line shows it.
const char *nns_error_rendered(nns_interpreter *interpreter);
// The line, counted from 1; 0 where it has no place.
int64_t nns_error_line(nns_interpreter *interpreter);

// Values for scripts. Texts and elements are copied.
nns_value *nns_nil(nns_interpreter *interpreter);
nns_value *nns_bool(nns_interpreter *interpreter, bool value);
nns_value *nns_int(nns_interpreter *interpreter, int64_t value);
nns_value *nns_float(nns_interpreter *interpreter, double value);
nns_value *nns_string(nns_interpreter *interpreter, const char *text);
// A tensor: `rank` sizes, and elements in row-major order without gaps; null elements make zeros.
nns_value *nns_tensor(
    nns_interpreter *interpreter, nns_element element, const int64_t *shape, size_t rank, const void *elements);
// The same value once more, to be released by itself.
nns_value *nns_value_retain(const nns_value *value);
// Gives a value back.
void nns_value_release(nns_value *value);

// What a value is.
nns_kind nns_kind_of(const nns_value *value);
// A number, bool or tensor of one element as a number; false where it is none.
bool nns_to_float(const nns_value *value, double *number);
// An int; false where it is none.
bool nns_to_int(const nns_value *value, int64_t *number);
// A string's text, or what `print` shows of another value; valid until the value is released.
const char *nns_text(nns_value *value);
// The items of a list or range, the entries of a record; 0 where there are none.
size_t nns_length(const nns_value *value);
// An item of a list; null where there is none.
nns_value *nns_item(const nns_value *value, size_t index);

// The parts of a tensor. The pointers are valid until the value is released, and what they lead to is not to be changed.
// Other values have rank 0, no shape and no elements.
nns_element nns_tensor_type(const nns_value *value);
size_t nns_tensor_rank(const nns_value *value);
const int64_t *nns_tensor_shape(nns_value *value);
size_t nns_tensor_size(const nns_value *value);
// In row-major order without gaps: where they lie, or a copy where they lie otherwise.
const void *nns_tensor_elements(nns_value *value);

#ifdef __cplusplus
}
#endif

#endif
