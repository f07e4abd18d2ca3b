#include "frames.h"
#include <stdlib.h>
#include <string.h>

Frame make_frame(int opcode, const char *payload, size_t length) {
  static const unsigned char mask[4] = {0x12, 0x34, 0x56, 0x78};
  unsigned char *bytes = malloc(length + 8);
  size_t at = 0;
  bytes[at++] = (unsigned char)(0x80 | opcode);
  if (length < 126) {
    bytes[at++] = (unsigned char)(0x80 | length);
  } else {
    bytes[at++] = 0x80 | 126;
    bytes[at++] = (unsigned char)(length >> 8);
    bytes[at++] = (unsigned char)length;
  }
  memcpy(bytes + at, mask, 4);
  at += 4;
  for (size_t i = 0; i < length; i++) bytes[at + i] = (unsigned char)payload[i] ^ mask[i & 3];
  return (Frame){bytes, at + length};
}

size_t read_frame(const unsigned char *bytes, size_t length, Incoming *frame) {
  if (length < 2) return 0;
  size_t header = 2, size = bytes[1] & 0x7f;
  if (size == 126) {
    if (length < 4) return 0;
    size = (size_t)bytes[2] << 8 | bytes[3];
    header = 4;
  } else if (size == 127) {
    if (length < 10) return 0;
    size = 0;
    for (int i = 2; i < 10; i++) size = size << 8 | bytes[i];
    header = 10;
  }
  if (length < header + size) return 0;
  *frame = (Incoming){bytes[0] & 0x0f, (const char *)bytes + header, size};
  return header + size;
}
