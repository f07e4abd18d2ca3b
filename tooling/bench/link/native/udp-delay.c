// A UDP proxy that adds latency between endpoints on one machine: it delays every packet by a fixed
// time.
//
//   udp-delay MILLISECONDS
//
// A line "ADDRESS PORT" on standard input requests a proxy port for that endpoint; the answer is a
// line with the port. A packet that one endpoint sends to the proxy port of another is delivered
// after the delay, from the sender's own proxy port. "reset" closes all proxy ports. The program
// exits when its standard input ends.
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
} Proxy;

typedef struct {
  uint64_t due_ns;
  int from, to; // Indexes of proxies: the packet leaves from `from` to the endpoint of `to`.
  int bytes;
  unsigned char data[packet_bytes];
} Packet;

static Proxy proxies[max_ends];
static int count;
// All packets have the same delay, so the queue is first in, first out.
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
    if (is_same(&proxies[i].end, end)) return i;
  return -1;
}

static int proxy_for(const struct sockaddr_in *end) {
  int known = find(end);
  if (known >= 0) return known;
  if (count == max_ends) return -1;
  int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in any = {.sin_family = AF_INET};
  if (s < 0 || bind(s, (struct sockaddr *)&any, sizeof any) < 0) return -1;
  int room = 32 << 20;
  // The first call needs privileges; without them the second gets what is allowed.
  if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  proxies[count] = (Proxy){s, *end};
  return count++;
}

static void reset(void) {
  for (int i = 0; i < count; i++) close(proxies[i].socket);
  count = 0;
  head = tail = 0;
}

// Reads the packets that arrived at the proxy of endpoint `to`.
static void take(int to, uint64_t due_ns) {
  for (int n = 0; n < batch && tail - head < queue_packets; n++) {
    Packet *packet = &queue[tail % queue_packets];
    struct sockaddr_in source;
    socklen_t size = sizeof source;
    ssize_t bytes = recvfrom(proxies[to].socket, packet->data, packet_bytes, 0,
                             (struct sockaddr *)&source, &size);
    if (bytes < 0) return;
    int from = find(&source);
    // An endpoint that is not known yet: it will retransmit.
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
    Proxy *to = &proxies[packet->to];
    ssize_t sent = sendto(proxies[packet->from].socket, packet->data, packet->bytes, 0,
                          (struct sockaddr *)&to->end, sizeof to->end);
    (void)sent; // A packet may be lost, as on any network.
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
      at = proxy_for(&end);
    }
    if (at < 0 || getsockname(proxies[at].socket, (struct sockaddr *)&bound, &size) < 0)
      printf("0\n");
    else
      printf("%u\n", ntohs(bound.sin_port));
  }
  fflush(stdout);
}

// Reads commands; returns 0 at the end of input.
static int read_commands(void) {
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
  // Raises the priority so that a busy machine adds no delay; without privileges this fails.
  if (setpriority(PRIO_PROCESS, 0, -20) < 0) errno = 0;
  queue = malloc(sizeof(Packet) * queue_packets);
  if (!queue) return 1;
  for (;;) {
    struct pollfd waits[max_ends + 1] = {{0, POLLIN, 0}};
    for (int i = 0; i < count; i++) waits[i + 1] = (struct pollfd){proxies[i].socket, POLLIN, 0};
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
    if (waits[0].revents && !read_commands()) return 0;
  }
}
