// WebSocket frames as a client writes and reads them (RFC 6455, section 5.2).
#include <stddef.h>
#include <stdint.h>

enum { text_frame = 1, close_frame = 8, ping_frame = 9, pong_frame = 10 };

typedef struct {
  unsigned char *bytes;
  size_t length;
} Frame;

typedef struct {
  int opcode;
  const char *payload;
  size_t length;
} Incoming;

// Builds a masked frame with this payload; the caller frees its bytes.
Frame make_frame(int opcode, const char *payload, size_t length);

// Reads the frame that starts at `bytes`; returns its length, or 0 while it is incomplete.
size_t read_frame(const unsigned char *bytes, size_t length, Incoming *frame);
