#pragma once

// GNU readline as a REPL uses it. Its state is global, so this is for one reader in a process, on one thread.

/// What could stand at the cursor. The strings are from `malloc` and given away, the arrays too.
struct nns_candidates {
  /// Where the word begins, in bytes of the line.
  int start;
  int count;
  char **words;
  /// What the call around the cursor takes; may be null.
  char *signature;
};

/// Asks for what could stand at the end of a text, the line before the cursor.
typedef struct nns_candidates (*nns_complete)(const char *before);

/// - Parameter wake: a descriptor that can be read from once Ctrl-C was pressed.
void nns_readline_begin(int wake, nns_complete complete);

enum nns_line { nns_line_read, nns_line_interrupted, nns_line_end };

/// Reads a line, which begins with a text that can be edited; `*line` is to be freed.
enum nns_line nns_readline_read(const char *prompt, const char *beginning, char **line);

/// Adds an entry to what the arrow keys and Ctrl-R go through.
void nns_readline_remember(const char *entry);
