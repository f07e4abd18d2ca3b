#define _GNU_SOURCE
#include "measure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t arrived;
static uint32_t in_flight_of_pair;
static uint32_t *latencies;
static size_t latency_count, latency_room;

void forget_latencies(void) { latency_count = 0; }

void note_latency(uint64_t ns) {
  if (latency_count == latency_room) {
    latency_room = latency_room * 2 + 4096;
    latencies = realloc(latencies, latency_room * sizeof *latencies);
  }
  latencies[latency_count++] = (uint32_t)(ns / 1000);
}

static int ascending(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

double quantile(double share) {
  if (latency_count == 0) return -1;
  qsort(latencies, latency_count, sizeof *latencies, ascending);
  return latencies[(size_t)((double)(latency_count - 1) * share)];
}

// User and system time of these processes, in ms.
static double cpu_of(char **pids) {
  double ticks = 0;
  for (; *pids; pids++) {
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", *pids);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    // The name in parentheses may contain spaces.
    char *after = strrchr(text, ')');
    if (after)
      sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    ticks += (double)(user + system);
  }
  return ticks * 1000 / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static void send_next(Sender *pair) {
  uint32_t kinds = (uint32_t)groups[pair->from->group].template_count;
  pair->sent_at[pair->sent % ring_size] = now_ns();
  send_frame(pair->from, pair->frames[pair->sent++ % kinds]);
}

static void count_signal(Sender *pair) {
  pair->received++;
  arrived++;
}

static void count_and_refill(Sender *pair) {
  count_signal(pair);
  while (pair->sent - pair->received < in_flight_of_pair) send_next(pair);
}

static void time_signal(Sender *pair) {
  note_latency(now_ns() - pair->sent_at[pair->received % ring_size]);
  count_signal(pair);
}

static uint64_t on_the_way(const Group *group) {
  uint64_t total = 0;
  for (int i = 0; i + 1 < group->count; i += 2)
    total += group->members[i].pair->sent - group->members[i].pair->received;
  return total;
}

static void pump_until(uint64_t time) {
  while (now_ns() < time) pump(1);
}

// Signals still in flight belong to no window.
static void drain(const Group *group) {
  for (uint64_t end = now_ns() + 5000 * ns_per_ms; on_the_way(group) > 0 && now_ns() < end;) pump(1);
}

void flood(char **fields) {
  Group *group = &groups[atoi(fields[1])];
  in_flight_of_pair = (uint32_t)atoi(fields[2]);
  group->on_signal = count_and_refill;
  for (int i = 0; i + 1 < group->count; i += 2)
    for (uint32_t n = 0; n < in_flight_of_pair; n++) send_next(group->members[i].pair);
  pump_until(now_ns() + (uint64_t)atoi(fields[3]) * ns_per_ms);
  uint64_t began_at = now_ns();
  double servers = cpu_of(fields + 5), own = own_cpu();
  arrived = 0;
  pump_until(began_at + (uint64_t)atoi(fields[4]) * ns_per_ms);
  uint64_t count = arrived;
  double took = (double)(now_ns() - began_at) / 1000;
  servers = cpu_of(fields + 5) - servers;
  own = own_cpu() - own;
  group->on_signal = count_signal;
  drain(group);
  printf("%lu %.0f %.1f %.1f %lu\n", count, took, servers, own, on_the_way(group));
}

void steady(char **fields) {
  Group *group = &groups[atoi(fields[1])];
  double per_second = atof(fields[2]);
  uint64_t window = (uint64_t)atoi(fields[3]) * ns_per_ms, sent = 0;
  group->on_signal = time_signal;
  forget_latencies();
  arrived = 0;
  double servers = cpu_of(fields + 4);
  uint64_t began_at = now_ns();
  for (uint64_t now = began_at; now < began_at + window; now = now_ns()) {
    uint64_t due = (uint64_t)((double)(now - began_at) / 1e9 * per_second);
    for (; sent < due; sent++) {
      Sender *pair = group->members[sent % (uint64_t)(group->count / 2) * 2].pair;
      // A server that cannot keep up must not overwrite the times of signals in flight.
      if (pair->sent - pair->received < ring_size) send_next(pair);
    }
    pump(0);
  }
  servers = cpu_of(fields + 4) - servers;
  drain(group);
  group->on_signal = count_signal;
  printf("%lu %lu %.0f %.0f %.1f %lu\n", sent, arrived, quantile(0.5), quantile(0.99), servers,
         on_the_way(group));
}

static int everybody_told(const Group *group, int room, uint32_t times) {
  int from = room * group->room_size, to = from + group->room_size;
  for (int i = from; i < to; i++)
    if (group->members[i].told < times) return 0;
  return 1;
}

void fan(char **fields) {
  Group *group = &groups[atoi(fields[1])], *joiners = &groups[atoi(fields[2])];
  int rooms = group->count / group->room_size, done = 0;
  forget_latencies();
  double servers = cpu_of(fields + 5);
  for (int n = 0; n < atoi(fields[3]); n++) {
    int room = n % rooms, from = room * group->room_size;
    for (int i = from; i < from + group->room_size; i++) group->members[i].told = 0;
    Member *joiner = &joiners->members[n];
    uint64_t began_at = now_ns(), end = began_at + 2000 * ns_per_ms;
    say(joiner, joiners->steps[joiners->step_count - 1].say);
    while (!(joiner->state == joined && everybody_told(group, room, 1)) && now_ns() < end) pump(1);
    if (now_ns() >= end) break;
    note_latency(now_ns() - began_at);
    done++;
    if (*fields[4]) say(joiner, fields[4]);
    else close_member(joiner);
  }
  servers = cpu_of(fields + 5) - servers;
  printf("%d %.0f %.0f %.1f\n", done, quantile(0.5), quantile(0.99), servers);
}
