#define _GNU_SOURCE
#include "group.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

Group groups[max_groups];
static int epoll_fd;

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

void prepare(void) { epoll_fd = epoll_create1(EPOLL_CLOEXEC); }
int poll_handle(void) { return epoll_fd; }

char *expand(const Group *group, const char *text, int index, const char *to) {
  char *filled, number[16];
  size_t size;
  FILE *out = open_memstream(&filled, &size);
  for (; *text; text++) {
    const char *value = NULL;
    if (text[0] == '%' && text[1] == 'n') {
      snprintf(number, sizeof number, "%d", index);
      value = number;
    } else if (text[0] == '%' && text[1] == 'r') {
      int room = group->hold ? index % group->room_size : index / group->room_size;
      snprintf(number, sizeof number, "%d", room);
      value = number;
    } else if (text[0] == '%' && text[1] == 't') {
      value = to;
    }
    if (value) {
      fputs(value, out);
      text++;
    } else {
      fputc(*text, out);
    }
  }
  fclose(out);
  return filled;
}

static void watch(Member *member, int action, uint32_t events) {
  struct epoll_event event = {.events = events};
  event.data.u64 = (uint64_t)member->group << 32 | (uint32_t)member->index;
  epoll_ctl(epoll_fd, action, member->fd, &event);
}

void open_member(Group *group) {
  int index = group->count++;
  Member *member = &group->members[index];
  *member = (Member){.index = index, .group = (int)(group - groups), .state = connecting};
  member->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  member->began_at = now_ns();
  struct sockaddr_in end = {.sin_family = AF_INET};
  end.sin_port = htons(group->ports[index % group->port_count]);
  end.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int one = 1;
  setsockopt(member->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(member->fd, (struct sockaddr *)&end, sizeof end) < 0 && errno != EINPROGRESS)
    return close_member(member);
  watch(member, EPOLL_CTL_ADD, EPOLLOUT);
}

void close_member(Member *member) {
  if (member->state == closed) return;
  // Avoids TIME_WAIT, which would block thousands of ports for a minute.
  struct linger hard = {1, 0};
  if (member->fd >= 0) {
    setsockopt(member->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(member->fd);
  }
  free(member->rest);
  free(member->unsent);
  member->rest = member->unsent = NULL;
  member->rest_length = member->unsent_length = 0;
  groups[member->group].lost_count++;
  member->state = closed;
}

static void write_bytes(Member *member, const unsigned char *bytes, size_t length) {
  ssize_t written = 0;
  if (member->unsent_length == 0) {
    written = send(member->fd, bytes, length, MSG_NOSIGNAL);
    if (written == (ssize_t)length) return;
    if (written < 0 && errno != EAGAIN) return; // The end of the connection shows on read.
    if (written < 0) written = 0;
    watch(member, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }
  size_t left = length - (size_t)written;
  member->unsent = realloc(member->unsent, member->unsent_length + left);
  memcpy(member->unsent + member->unsent_length, bytes + written, left);
  member->unsent_length += left;
}

static void write_rest(Member *member) {
  ssize_t written = send(member->fd, member->unsent, member->unsent_length, MSG_NOSIGNAL);
  if (written < 0) return;
  member->unsent_length -= (size_t)written;
  memmove(member->unsent, member->unsent + written, member->unsent_length);
  if (member->unsent_length == 0) watch(member, EPOLL_CTL_MOD, EPOLLIN);
}

void send_frame(Member *member, Frame frame) {
  if (member->state != closed) write_bytes(member, frame.bytes, frame.length);
}

void say(Member *member, const char *template_text) {
  char *text = expand(&groups[member->group], template_text, member->index, "");
  Frame frame = make_frame(text_frame, text, strlen(text));
  send_frame(member, frame);
  free(frame.bytes);
  free(text);
}

static void shake(Member *member) {
  Group *group = &groups[member->group];
  char *path = expand(group, group->path, member->index, ""), request[1024];
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
                        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s%s%s\r\n",
                        path, *group->protocol ? "Sec-WebSocket-Protocol: " : "", group->protocol,
                        *group->protocol ? "\r\n" : "");
  free(path);
  member->state = shaking;
  watch(member, EPOLL_CTL_MOD, EPOLLIN);
  write_bytes(member, (unsigned char *)request, (size_t)length);
}

static void take_step(Member *member) {
  Group *group = &groups[member->group];
  int is_last = member->step == group->step_count - 1;
  if (!(is_last && group->hold)) say(member, group->steps[member->step].say);
  member->step++;
}

static int begins(const Incoming *frame, const char *prefix) {
  size_t length = strlen(prefix);
  return frame->length >= length && memcmp(frame->payload, prefix, length) == 0;
}

static void take_welcome(Member *member, const Incoming *frame) {
  Group *group = &groups[member->group];
  member->state = joined;
  member->joined_at = now_ns();
  group->joined_count++;
  if (*group->id_mark == '=') { // The client chose it.
    char *id = expand(group, group->id_mark + 1, member->index, "");
    snprintf(member->id, sizeof member->id, "%s", id);
    free(id);
    return;
  }
  size_t mark = strlen(group->id_mark);
  const char *id = memmem(frame->payload, frame->length, group->id_mark, mark);
  if (!id) return;
  const char *end = memchr(id + mark, '"', frame->length - (size_t)(id + mark - frame->payload));
  if (end) snprintf(member->id, sizeof member->id, "%.*s", (int)(end - id - (int)mark), id + mark);
}

static void take_text(Member *member, const Incoming *frame) {
  Group *group = &groups[member->group];
  if (member->pair) {
    for (int i = 0; i < group->signal_count; i++)
      if (begins(frame, group->signals[i])) return group->on_signal(member->pair);
  }
  if (*group->ask && begins(frame, group->ask)) return say(member, group->answer);
  if (*group->told && begins(frame, group->told)) {
    member->told++;
    return;
  }
  if (member->state != talking) return;
  if (member->step < group->step_count && begins(frame, group->steps[member->step].expect))
    return take_step(member);
  if (begins(frame, group->welcome)) take_welcome(member, frame);
}

static void take_frame(Member *member, const Incoming *frame) {
  if (frame->opcode == text_frame) return take_text(member, frame);
  if (frame->opcode == close_frame) return close_member(member);
  if (frame->opcode != ping_frame) return;
  Frame pong = make_frame(pong_frame, frame->payload, frame->length);
  send_frame(member, pong);
  free(pong.bytes);
}

// The length of the handshake response, 0 while it is incomplete.
static size_t take_handshake(Member *member, const unsigned char *bytes, size_t length) {
  const unsigned char *end = memmem(bytes, length, "\r\n\r\n", 4);
  if (!end) return 0;
  if (length < 12 || memcmp(bytes + 9, "101", 3) != 0) {
    close_member(member);
    return 0;
  }
  Group *group = &groups[member->group];
  member->state = talking;
  if (group->step_count > 0 && *group->steps[0].expect == 0) take_step(member);
  return (size_t)(end + 4 - bytes);
}

static void take_bytes(Member *member, const unsigned char *bytes, size_t length) {
  size_t at = 0;
  if (member->state == shaking) {
    at = take_handshake(member, bytes, length);
    if (member->state == closed) return;
  }
  while (member->state >= talking) {
    Incoming frame;
    size_t size = read_frame(bytes + at, length - at, &frame);
    if (size == 0) break;
    at += size;
    take_frame(member, &frame);
  }
  if (member->state == closed || at == length) return;
  member->rest = malloc(length - at);
  member->rest_length = length - at;
  memcpy(member->rest, bytes + at, length - at);
}

static void read_member(Member *member) {
  static unsigned char buffer[256 * 1024];
  unsigned char *old = member->rest;
  size_t length = member->rest_length;
  if (length > sizeof buffer / 2) return close_member(member);
  if (old) memcpy(buffer, old, length);
  ssize_t got = recv(member->fd, buffer + length, sizeof buffer - length, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return close_member(member);
  free(old);
  member->rest = NULL;
  member->rest_length = 0;
  take_bytes(member, buffer, length + (size_t)got);
}

void pump(int wait_ms) {
  struct epoll_event events[256];
  int count = epoll_wait(epoll_fd, events, 256, wait_ms);
  for (int i = 0; i < count; i++) {
    Group *group = &groups[events[i].data.u64 >> 32];
    Member *member = &group->members[(uint32_t)events[i].data.u64];
    if (member->state == connecting) {
      if (events[i].events & (EPOLLERR | EPOLLHUP)) close_member(member);
      else shake(member);
      continue;
    }
    if (member->state != closed && (events[i].events & EPOLLOUT)) write_rest(member);
    if (member->state != closed && (events[i].events & ~(uint32_t)EPOLLOUT)) read_member(member);
  }
}
