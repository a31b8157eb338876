// What nns.h promises, seen from C. Prints nothing and gives 0 where all of it holds.
#include <nns.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int failures;
#define CHECK(condition) \
  do { \
    if (!(condition)) { failures++; fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); } \
  } while (0)

static void gather(void *context, const char *text) { strcat(context, text); }

static void *cancel_soon(void *interpreter) {
  usleep(50000);
  nns_cancel(interpreter);
  return NULL;
}

static void values(void) {
  char printed[256] = "";
  nns_options options = {.print = gather, .context = printed, .seed = 1};
  nns_interpreter *n = nns_create(&options);
  nns_value *last = nns_run(n, "print(\"hello\")\nfn scale(x, k) = x * k\nlet name = \"a\xce\xb1\"\n(1, 2.5, true)", "a.nns");
  CHECK(last && strcmp(printed, "hello\n") == 0);
  CHECK(nns_kind_of(last) == NNS_KIND_LIST && nns_length(last) == 3 && nns_item(last, 3) == NULL);
  int64_t whole = 0;
  double number = 0;
  nns_value *first = nns_item(last, 0), *second = nns_item(last, 1), *third = nns_item(last, 2);
  CHECK(nns_to_int(first, &whole) && whole == 1 && !nns_to_int(second, &whole));
  CHECK(nns_to_float(second, &number) && number == 2.5 && nns_kind_of(third) == NNS_KIND_BOOL);
  nns_value *name = nns_global(n, "name");
  CHECK(strcmp(nns_text(name), "a\xce\xb1") == 0 && strcmp(nns_text(last), "(1, 2.5, true)") == 0);

  float elements[] = {1, 2, 3, 4, 5, 6};
  int64_t shape[] = {2, 3};
  nns_value *x = nns_tensor(n, NNS_ELEMENT_F32, shape, 2, elements);
  nns_value *k = nns_float(n, 0.5), *scale = nns_global(n, "scale");
  const nns_value *arguments[] = {x, k};
  nns_value *y = nns_call(n, scale, arguments, 2);
  CHECK(y && nns_kind_of(scale) == NNS_KIND_FUNCTION && nns_kind_of(y) == NNS_KIND_TENSOR);
  CHECK(nns_tensor_type(y) == NNS_ELEMENT_F32 && nns_tensor_rank(y) == 2 && nns_tensor_size(y) == 6);
  CHECK(nns_tensor_shape(y)[0] == 2 && nns_tensor_shape(y)[1] == 3);
  const float *halves = nns_tensor_elements(y);
  for (int i = 0; i < 6; i++) CHECK(halves[i] == elements[i] / 2);
  // What stands crosswise is copied into rows.
  nns_value *turned = nns_member(n, y, "T");
  const float *columns = nns_tensor_elements(turned);
  CHECK(columns[0] == 0.5f && columns[1] == 2.0f && columns[2] == 1.0f);
  nns_value *again = nns_value_retain(y);
  nns_value_release(y);
  CHECK(nns_tensor_elements(again) == halves);
  nns_value *all[] = {last, first, second, third, name, x, k, scale, turned, again};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) nns_value_release(all[i]);
  nns_destroy(n);
}

static void errors(void) {
  nns_interpreter *n = nns_create(NULL);
  CHECK(nns_run(n, "let x = 1\nones(2, 3) @ ones(4, 5)", "b.nns") == NULL);
  CHECK(strcmp(nns_error_kind(n), "shape") == 0 && nns_error_line(n) == 2);
  CHECK(strstr(nns_error_rendered(n), "b.nns:2:") != NULL && strlen(nns_error_message(n)) > 0);
  CHECK(nns_run(n, "let = 3", "c.nns") == NULL && strcmp(nns_error_kind(n), "syntax") == 0);
  CHECK(nns_global(n, "nothing") == NULL && strcmp(nns_error_kind(n), "name") == 0);
  CHECK(nns_run(n, "read_text(\"/etc/passwd\")", "d.nns") == NULL && strcmp(nns_error_kind(n), "io") == 0);
  CHECK(nns_tensor(n, NNS_ELEMENT_F32, (int64_t[]){-1}, 1, NULL) == NULL);
  CHECK(strcmp(nns_error_kind(n), "shape") == 0);
  CHECK(nns_tensor(n, (nns_element)99, NULL, 0, NULL) == NULL && strcmp(nns_error_kind(n), "dtype") == 0);
  nns_value *after = nns_run(n, "1", "e.nns");
  CHECK(after != NULL);
  nns_destroy(n);
  // A value outlives what the program holds of its interpreter.
  CHECK(strcmp(nns_text(after), "1") == 0);
  nns_value_release(after);
  const char *missing[] = {"/no/such/folder", NULL};
  CHECK(nns_create(&(nns_options){.readable = missing}) == NULL);
}

static void limits(void) {
  nns_interpreter *n = nns_create(&(nns_options){.steps = 100000, .memory = 64 << 20, .seconds = 30});
  CHECK(nns_run(n, "while true {}", "f.nns") == NULL && strcmp(nns_error_kind(n), "limit") == 0);
  CHECK(nns_run(n, "try { zeros(1000, 1000, 1000) } catch err { 1 }", "f.nns") == NULL);
  nns_value *value = nns_run(n, "1 + 1", "g.nns");
  CHECK(value != NULL);
  nns_value_release(value);
  nns_destroy(n);
  n = nns_create(NULL);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, cancel_soon, n) == 0);
  CHECK(nns_run(n, "while true { try { ones(100) } catch err { nil } }", "h.nns") == NULL);
  CHECK(strcmp(nns_error_kind(n), "interrupt") == 0);
  pthread_join(thread, NULL);
  nns_destroy(n);
}

int main(void) {
  values();
  errors();
  limits();
  return failures != 0;
}
