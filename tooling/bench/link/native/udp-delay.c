// A long line between two ends on one machine: holds every UDP packet for a fixed time.
//
//   udp-delay MILLISECONDS
//
// A line "ADDRESS PORT" on standard input asks for a port that stands in for that end; the answer is
// a line with the port. What one end sends to the stand-in of another comes out, after the delay, of
// its own stand-in. "reset" closes all of them. The program ends with its standard input.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { max_ends = 256, packet_bytes = 2048, batch = 64, queue_packets = 65536 };

typedef struct {
  int socket;
  struct sockaddr_in end;
} StandIn;

typedef struct {
  uint64_t due_ns;
  int from, to; // Indexes of stand-ins: it leaves by `from` to the end of `to`.
  int bytes;
  unsigned char data[packet_bytes];
} Packet;

static StandIn stand_ins[max_ends];
static int count;
// With one delay for all, the first to come is the first to go.
static Packet *queue;
static uint32_t head, tail;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int is_same(const struct sockaddr_in *a, const struct sockaddr_in *b) {
  return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
}

static int find(const struct sockaddr_in *end) {
  for (int i = count - 1; i >= 0; i--)
    if (is_same(&stand_ins[i].end, end)) return i;
  return -1;
}

static int stand_in_for(const struct sockaddr_in *end) {
  int known = find(end);
  if (known >= 0) return known;
  if (count == max_ends) return -1;
  int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in any = {.sin_family = AF_INET};
  if (s < 0 || bind(s, (struct sockaddr *)&any, sizeof any) < 0) return -1;
  int room = 32 << 20;
  // The first needs rights; without them the second gives what is allowed.
  if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  stand_ins[count] = (StandIn){s, *end};
  return count++;
}

static void reset(void) {
  for (int i = 0; i < count; i++) close(stand_ins[i].socket);
  count = 0;
  head = tail = 0;
}

// Takes what has come for the stand-in of end `to`.
static void take(int to, uint64_t due_ns) {
  for (int n = 0; n < batch && tail - head < queue_packets; n++) {
    Packet *packet = &queue[tail % queue_packets];
    struct sockaddr_in source;
    socklen_t size = sizeof source;
    ssize_t bytes = recvfrom(stand_ins[to].socket, packet->data, packet_bytes, 0,
                             (struct sockaddr *)&source, &size);
    if (bytes < 0) return;
    int from = find(&source);
    // Nobody was told of this end yet: it will send again.
    if (from < 0) continue;
    packet->due_ns = due_ns;
    packet->from = from;
    packet->to = to;
    packet->bytes = (int)bytes;
    tail++;
  }
}

static void send_due(uint64_t now) {
  for (; head != tail && queue[head % queue_packets].due_ns <= now; head++) {
    Packet *packet = &queue[head % queue_packets];
    StandIn *to = &stand_ins[packet->to];
    ssize_t sent = sendto(stand_ins[packet->from].socket, packet->data, packet->bytes, 0,
                          (struct sockaddr *)&to->end, sizeof to->end);
    (void)sent; // A packet may be lost, as on any line.
  }
}

static void answer(char *line) {
  char address[64];
  unsigned port;
  struct sockaddr_in end = {.sin_family = AF_INET}, bound;
  socklen_t size = sizeof bound;
  int at = -1;
  if (strcmp(line, "reset") == 0) {
    reset();
    printf("0\n");
  } else {
    if (sscanf(line, "%63s %u", address, &port) == 2 &&
        inet_pton(AF_INET, address, &end.sin_addr) == 1) {
      end.sin_port = htons((uint16_t)port);
      at = stand_in_for(&end);
    }
    if (at < 0 || getsockname(stand_ins[at].socket, (struct sockaddr *)&bound, &size) < 0)
      printf("0\n");
    else
      printf("%u\n", ntohs(bound.sin_port));
  }
  fflush(stdout);
}

// Reads orders; 0 at the end of input.
static int obey(void) {
  static char text[4096];
  static size_t length;
  ssize_t more = read(0, text + length, sizeof text - 1 - length);
  if (more <= 0) return 0;
  length += (size_t)more;
  text[length] = 0;
  for (char *end; (end = strchr(text, '\n'));) {
    *end = 0;
    answer(text);
    length -= (size_t)(end + 1 - text);
    memmove(text, end + 1, length + 1);
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  uint64_t delay_ns = (uint64_t)(atof(argv[1]) * 1e6);
  // A line does not wait for its turn on a busy machine; without rights it has to.
  if (setpriority(PRIO_PROCESS, 0, -20) < 0) errno = 0;
  queue = malloc(sizeof(Packet) * queue_packets);
  if (!queue) return 1;
  for (;;) {
    struct pollfd waits[max_ends + 1] = {{0, POLLIN, 0}};
    for (int i = 0; i < count; i++) waits[i + 1] = (struct pollfd){stand_ins[i].socket, POLLIN, 0};
    struct timespec wait = {3600, 0};
    if (head != tail) {
      uint64_t due = queue[head % queue_packets].due_ns, now = now_ns();
      uint64_t left = due > now ? due - now : 0;
      wait = (struct timespec){(time_t)(left / 1000000000ull), (long)(left % 1000000000ull)};
    }
    int ends = count;
    if (ppoll(waits, (nfds_t)ends + 1, &wait, NULL) < 0 && errno != EINTR) return 1;
    uint64_t now = now_ns();
    for (int i = 0; i < ends; i++)
      if (waits[i + 1].revents) take(i, now + delay_ns);
    send_due(now);
    if (waits[0].revents && !obey()) return 0;
  }
}
