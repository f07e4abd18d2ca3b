/*
 * A cable between two network namespaces: makes a TAP device in each and carries the frames.
 *
 *     cable NAMESPACE-FILE DEVICE NAMESPACE-FILE DEVICE
 *
 * It prints "ready". Then each line on its input sets both directions, and is answered with "ok":
 *
 *     DELAY-US JITTER-US RATE-KBIT QUEUE-BYTES LOSSES-FILE
 *
 * A rate of 0 is no limit. The file has one byte for each IP packet in turn: 1 for one that is lost.
 * It is repeated; an empty one loses nothing. ARP and neighbour discovery need no protection: they
 * try again. The cable ends with its input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define MAX_FRAME 2048
#define MAX_LOSSES 65536

struct frame {
  struct frame *next;
  uint64_t due;
  int length;
  unsigned char bytes[MAX_FRAME];
};

static struct {
  uint64_t delay, jitter;
  double rate_kbit;
  uint64_t queue_bytes;
  unsigned char losses[MAX_LOSSES];
  size_t loss_count;
} settings;

/* One way. Frames keep their order, so the first of the list is due first. */
static struct way {
  int from, to;
  struct frame *first, **end;
  uint64_t free_at, last_due;
  size_t packets;
} ways[2];

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int open_tap(const char *namespace_file, const char *device) {
  int namespace = open(namespace_file, O_RDONLY);
  if (namespace < 0 || setns(namespace, CLONE_NEWNET)) die(namespace_file);
  close(namespace);
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (tap < 0) die("/dev/net/tun");
  struct ifreq request = {0};
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  if (ioctl(tap, TUNSETIFF, &request)) die("TUNSETIFF");
  return tap;
}

static int is_ip(const unsigned char *frame, int length) {
  if (length < 34) return 0;
  int type = frame[12] << 8 | frame[13];
  return type == 0x0800 || type == 0x86dd;
}

static int is_lost(struct way *way) {
  if (settings.loss_count == 0) return 0;
  return settings.losses[way->packets++ % settings.loss_count] == 1;
}

/* When the frame has passed the slowest part, or 0 if the buffer before it is full. */
static uint64_t after_queue(struct way *way, int length, uint64_t now) {
  if (settings.rate_kbit == 0) return now;
  double ns_per_byte = 8e6 / settings.rate_kbit;
  uint64_t start = way->free_at > now ? way->free_at : now;
  if ((start - now) / ns_per_byte + length > settings.queue_bytes) return 0;
  way->free_at = start + (uint64_t)(length * ns_per_byte);
  return way->free_at;
}

static void take(struct way *way, const unsigned char *bytes, int length) {
  uint64_t now = now_ns();
  if (is_ip(bytes, length) && is_lost(way)) return;
  uint64_t due = after_queue(way, length, now);
  if (due == 0) return;
  due += settings.delay;
  if (settings.jitter > 0) due += (uint64_t)(drand48() * settings.jitter);
  if (due < way->last_due) due = way->last_due;
  way->last_due = due;
  struct frame *frame = malloc(sizeof *frame);
  if (!frame) die("malloc");
  frame->next = NULL;
  frame->due = due;
  frame->length = length;
  memcpy(frame->bytes, bytes, length);
  *way->end = frame;
  way->end = &frame->next;
}

static void read_frames(struct way *way) {
  unsigned char bytes[MAX_FRAME];
  for (int n = 0; n < 64; n++) {
    int length = read(way->from, bytes, sizeof bytes);
    if (length <= 0) return;
    take(way, bytes, length);
  }
}

static void write_due(struct way *way) {
  uint64_t now = now_ns();
  while (way->first && way->first->due <= now) {
    struct frame *frame = way->first;
    way->first = frame->next;
    if (!way->first) way->end = &way->first;
    /* A device that is down takes no frames: those are lost, as they should be. */
    ssize_t written = write(way->to, frame->bytes, frame->length);
    (void)written;
    free(frame);
  }
}

static void set(char *line) {
  double delay, jitter, rate, queue;
  char file[512];
  if (sscanf(line, "%lf %lf %lf %lf %511s", &delay, &jitter, &rate, &queue, file) != 5) {
    fprintf(stderr, "cable: not understood: %s\n", line);
    exit(1);
  }
  settings.delay = (uint64_t)(delay * 1000);
  settings.jitter = (uint64_t)(jitter * 1000);
  settings.rate_kbit = rate;
  settings.queue_bytes = (uint64_t)queue;
  FILE *losses = fopen(file, "r");
  if (!losses) die(file);
  settings.loss_count = fread(settings.losses, 1, MAX_LOSSES, losses);
  fclose(losses);
  printf("ok\n");
  fflush(stdout);
}

static void read_lines(void) {
  static char buffer[4096];
  static size_t used;
  ssize_t count = read(0, buffer + used, sizeof buffer - 1 - used);
  if (count <= 0) exit(0);
  used += count;
  buffer[used] = 0;
  for (char *end; (end = strchr(buffer, '\n'));) {
    *end = 0;
    set(buffer);
    used -= end + 1 - buffer;
    memmove(buffer, end + 1, used + 1);
  }
}

/* Until the next frame is due; for ever if there is none. */
static struct timespec *until_due(struct timespec *wait) {
  uint64_t due = UINT64_MAX, now = now_ns();
  for (int w = 0; w < 2; w++)
    if (ways[w].first && ways[w].first->due < due) due = ways[w].first->due;
  if (due == UINT64_MAX) return NULL;
  uint64_t left = due > now ? due - now : 0;
  wait->tv_sec = left / 1000000000u;
  wait->tv_nsec = left % 1000000000u;
  return wait;
}

int main(int count, char **arguments) {
  if (count != 5) return 2;
  int taps[2] = {open_tap(arguments[1], arguments[2]), open_tap(arguments[3], arguments[4])};
  for (int w = 0; w < 2; w++) {
    ways[w].from = taps[w];
    ways[w].to = taps[1 - w];
    ways[w].end = &ways[w].first;
  }
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    struct pollfd inputs[] = {{taps[0], POLLIN, 0}, {taps[1], POLLIN, 0}, {0, POLLIN, 0}};
    struct timespec wait;
    if (ppoll(inputs, 3, until_due(&wait), NULL) < 0 && errno != EINTR) die("ppoll");
    for (int w = 0; w < 2; w++) read_frames(&ways[w]);
    for (int w = 0; w < 2; w++) write_due(&ways[w]);
    if (inputs[2].revents) read_lines();
  }
}
