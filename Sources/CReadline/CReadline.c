#include "CReadline.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

static int wake_descriptor = -1;
static nns_complete complete_line;
static int is_interrupted;
static const char *line_beginning = "";

/// A key; a line end where Ctrl-C came first. (Setting `rl_done` instead would lose the key after it.)
static int next_key(FILE *stream) {
  struct pollfd waits[2] = {{fileno(stream), POLLIN, 0}, {wake_descriptor, POLLIN, 0}};
  for (;;) {
    int ready = poll(waits, 2, -1);
    if (ready < 0 && errno != EINTR) return EOF;
    // Readline learns here that the window has another size.
    rl_check_signals();
    if (ready <= 0) continue;
    if (waits[1].revents) {
      is_interrupted = 1;
      rl_replace_line("", 0);
      return '\n';
    }
    return rl_getc(stream);
  }
}

static int begin_line(void) {
  // What waits already was pasted, with blanks of its own.
  struct pollfd wait = {fileno(rl_instream ? rl_instream : stdin), POLLIN, 0};
  if (*line_beginning && poll(&wait, 1, 0) == 0) rl_insert_text(line_beginning);
  return 0;
}

static void release(struct nns_candidates found) {
  for (int i = 0; i < found.count; i++) free(found.words[i]);
  free(found.words);
  free(found.signature);
}

/// The number of bytes that all words begin with.
static int shared_length(struct nns_candidates found) {
  int length = (int)strlen(found.words[0]);
  for (int i = 1; i < found.count; i++) {
    int same = 0;
    while (same < length && found.words[i][same] == found.words[0][same]) same++;
    length = same;
  }
  // Not within a character.
  while (length > 0 && (found.words[0][length] & 0xC0) == 0x80) length--;
  return length;
}

static void show_words(struct nns_candidates found) {
  // Readline wants what they share before them, and a null behind.
  char **matches = calloc((size_t)found.count + 2, sizeof *matches);
  if (!matches) return;
  int longest = 0;
  matches[0] = "";
  for (int i = 0; i < found.count; i++) {
    matches[i + 1] = found.words[i];
    int length = (int)strlen(found.words[i]);
    if (length > longest) longest = length;
  }
  rl_filename_completion_desired = 0;
  rl_display_match_list(matches, found.count, longest);
  rl_forced_update_display();
  free(matches);
}

/// Tab: what all candidates share; a second time what the call takes, or all of them.
static int tab(int count, int key) {
  (void)count, (void)key;
  int is_second = rl_last_func == tab;
  char *before = strndup(rl_line_buffer, (size_t)rl_point);
  if (!before || !complete_line) {
    free(before);
    return 0;
  }
  // At the beginning of a line, Tab indents.
  if (strspn(before, " ") == strlen(before) && !is_second) {
    free(before);
    rl_insert_text("  ");
    return 0;
  }
  struct nns_candidates found = complete_line(before);
  int typed = (int)strlen(before) - found.start;
  free(before);
  int shared = found.count > 0 ? shared_length(found) : 0;
  if (is_second && found.signature) {
    rl_crlf();
    fprintf(rl_outstream, "%s", found.signature);
    rl_crlf();
    rl_on_new_line();
    rl_forced_update_display();
  } else if (found.count > 0 && (shared > typed || found.count == 1)) {
    rl_begin_undo_group();
    rl_delete_text(found.start, rl_point);
    rl_point = found.start;
    found.words[0][shared] = 0;
    rl_insert_text(found.words[0]);
    rl_end_undo_group();
  } else if (is_second && found.count > 1) {
    show_words(found);
  } else {
    rl_ding();
  }
  release(found);
  return 0;
}

void nns_readline_begin(int wake, nns_complete complete) {
  wake_descriptor = wake;
  complete_line = complete;
  rl_readline_name = "nns";
  rl_catch_signals = 0;
  rl_catch_sigwinch = 1;
  rl_getc_function = next_key;
  rl_startup_hook = begin_line;
  rl_initialize();
  rl_variable_bind("bell-style", "none");
  rl_bind_key('\t', tab);
  using_history();
}

enum nns_line nns_readline_read(const char *prompt, const char *beginning, char **line) {
  is_interrupted = 0;
  line_beginning = beginning;
  *line = readline(prompt);
  line_beginning = "";
  if (is_interrupted) {
    free(*line);
    *line = NULL;
    return nns_line_interrupted;
  }
  return *line ? nns_line_read : nns_line_end;
}

void nns_readline_remember(const char *entry) {
  HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
  if (!last || strcmp(last->line, entry) != 0) add_history(entry);
}
