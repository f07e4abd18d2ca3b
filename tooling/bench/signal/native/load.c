// A load generator: one thread, many WebSockets. It reads commands from standard input, one per
// line with tab-separated fields, answers each with a line of numbers, and exits at end of input.
//
//   group PORTS ROOM-SIZE CAPACITY PATH PROTOCOL   adds a kind of connection; returns its number
//   step GROUP EXPECT SAY       what to send after a text with this prefix ("": the handshake)
//   hold GROUP                  the last step waits for `fan`; ROOM-SIZE is then the number of
//                               rooms, which members use in turn
//   welcome GROUP EXPECT ID     the prefix of the text that completes a join; ID is what precedes
//                               the member's id in it, or =ID
//   signal GROUP PREFIX         the prefix of a relayed signal
//   template GROUP TEXT         what the first member of a pair sends, in turn
//   told GROUP PREFIX           the prefix of the notification that a member joined
//   answer GROUP ASK SAY        the keep-alive request, and its answer
//   ready GROUP COUNT           opens members of a group on hold; returns how many are ready
//   open GROUP COUNT AT-ONCE TIMEOUT-MS
//                               returns joined, lost, µs from connect to welcome (p50, p99, max),
//                               total µs
//   pair GROUP                  pairs the members 0 and 1, 2 and 3, …: the first sends
//   say GROUP TEXT              every member sends the text
//   flood GROUP IN-FLIGHT WARM-MS WINDOW-MS PID…
//                               returns arrived, µs of the window, CPU ms of the servers, own
//                               CPU ms, missing
//   steady GROUP PER-SECOND WINDOW-MS PID…
//                               returns sent, arrived, latency in µs (p50, p99), CPU ms of the
//                               servers, missing
//   fan GROUP JOINERS COUNT LEAVE PID…
//                               returns joins done, µs until the last member was notified (p50,
//                               p99), CPU ms of the servers
//   close GROUP SAY             every member sends the text, if there is one, and disconnects
#define _GNU_SOURCE
#include "measure.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static Group *group_of(char **fields) { return &groups[atoi(fields[1])]; }

static void new_group(char **fields) {
  int number = 0;
  while (number < max_groups - 1 && groups[number].in_use) number++;
  Group *group = &groups[number];
  *group = (Group){.in_use = 1, .room_size = atoi(fields[2]), .path = strdup(fields[4])};
  group->protocol = strdup(fields[5]);
  group->welcome = group->id_mark = group->told = group->ask = group->answer = "";
  group->members = calloc((size_t)atoi(fields[3]), sizeof(Member));
  for (char *port = strtok(fields[1], ","); port; port = strtok(NULL, ","))
    group->ports[group->port_count++] = (uint16_t)atoi(port);
  printf("%d\n", number);
}

static void learn(char **fields) {
  Group *group = group_of(fields);
  char *first = strdup(fields[2] ? fields[2] : "");
  char *second = strdup(fields[2] && fields[3] ? fields[3] : "");
  switch (*fields[0]) {
  case 's':
    if (strcmp(fields[0], "step") == 0) group->steps[group->step_count++] = (Step){first, second};
    else group->signals[group->signal_count++] = first;
    break;
  case 'h':
    group->hold = 1;
    break;
  case 'w':
    group->welcome = first;
    group->id_mark = second;
    break;
  case 't':
    if (strcmp(fields[0], "told") == 0) group->told = first;
    else group->templates[group->template_count++] = first;
    break;
  default:
    group->ask = first;
    group->answer = second;
  }
  printf("0\n");
}

// Opens connections, `at_once` at a time.
static void open_group(char **fields) {
  Group *group = group_of(fields);
  int from = group->count, to = from + atoi(fields[2]), at_once = atoi(fields[3]);
  uint64_t began_at = now_ns(), end = began_at + (uint64_t)atoi(fields[4]) * ns_per_ms;
  int were_joined = group->joined_count, were_lost = group->lost_count;
  int settled = 0;
  while (settled < to - from && now_ns() < end) {
    while (group->count < to && group->count - from - settled < at_once) open_member(group);
    pump(10);
    settled = group->joined_count - were_joined + group->lost_count - were_lost;
  }
  forget_latencies();
  for (int i = from; i < to; i++)
    if (group->members[i].state == joined)
      note_latency(group->members[i].joined_at - group->members[i].began_at);
  printf("%d %d %.0f %.0f %.0f %.0f\n", group->joined_count - were_joined,
         to - from - (group->joined_count - were_joined), quantile(0.5), quantile(0.99), quantile(1),
         (double)(now_ns() - began_at) / 1000);
}

// Connects, and sends all steps but the last.
static void open_held(char **fields) {
  Group *group = group_of(fields);
  int to = group->count + atoi(fields[2]), ready = 0;
  while (group->count < to) open_member(group);
  for (uint64_t end = now_ns() + 10000 * ns_per_ms; ready < to && now_ns() < end;) {
    pump(10);
    for (ready = 0; ready < to && group->members[ready].step == group->step_count;) ready++;
  }
  printf("%d\n", ready);
}

static void make_pairs(char **fields) {
  Group *group = group_of(fields);
  for (int i = 0; i + 1 < group->count; i += 2) {
    Sender *pair = calloc(1, sizeof *pair);
    pair->from = &group->members[i];
    for (int n = 0; n < group->template_count; n++) {
      char *text = expand(group, group->templates[n], i, group->members[i + 1].id);
      pair->frames[n] = make_frame(text_frame, text, strlen(text));
      free(text);
    }
    group->members[i].pair = group->members[i + 1].pair = pair;
  }
  printf("0\n");
}

static void say_all(char **fields) {
  Group *group = group_of(fields);
  for (int i = 0; i < group->count; i++)
    if (group->members[i].state == joined) say(&group->members[i], fields[2]);
  printf("0\n");
}

// Waits until the server has closed all connections.
static void take_leave(Group *group, const char *farewell) {
  for (int i = 0; i < group->count; i++)
    if (group->members[i].state == joined) say(&group->members[i], farewell);
  uint64_t end = now_ns() + 3000 * ns_per_ms;
  while (group->lost_count < group->count && now_ns() < end) pump(10);
}

static void close_group(char **fields) {
  Group *group = group_of(fields);
  if (*fields[2]) take_leave(group, fields[2]);
  for (int i = 0; i < group->count; i++) {
    Member *member = &group->members[i];
    close_member(member);
    if (!member->pair || member->pair->from != member) continue;
    for (int n = 0; n < group->template_count; n++) free(member->pair->frames[n].bytes);
    free(member->pair);
    // The second member of the pair shares it.
    group->members[i + 1].pair = NULL;
  }
  free(group->members);
  group->in_use = 0;
  printf("0\n");
}

static const struct {
  const char *name;
  void (*act)(char **fields);
} commands[] = {
    {"group", new_group}, {"step", learn},       {"hold", learn},       {"welcome", learn},
    {"signal", learn},    {"template", learn},   {"told", learn},       {"answer", learn},
    {"open", open_group}, {"ready", open_held},  {"pair", make_pairs},  {"say", say_all},
    {"flood", flood},     {"steady", steady},    {"fan", fan},          {"close", close_group},
};

static void run_command(char *line) {
  char *fields[64] = {0};
  int count = 0;
  for (char *field; count < 63 && (field = strsep(&line, "\t"));) fields[count++] = field;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (strcmp(commands[i].name, fields[0]) == 0) commands[i].act(fields);
  fflush(stdout);
}

// Reads commands; returns 0 at the end of input.
static int read_commands(void) {
  static char text[64 * 1024];
  static size_t length;
  ssize_t more = read(0, text + length, sizeof text - 1 - length);
  if (more <= 0) return 0;
  length += (size_t)more;
  text[length] = 0;
  for (char *end; (end = strchr(text, '\n'));) {
    *end = 0;
    run_command(text);
    length -= (size_t)(end + 1 - text);
    memmove(text, end + 1, length + 1);
  }
  return 1;
}

int main(void) {
  prepare();
  for (;;) {
    struct pollfd waits[2] = {{0, POLLIN, 0}, {poll_handle(), POLLIN, 0}};
    poll(waits, 2, -1);
    if (waits[1].revents) pump(0);
    if (waits[0].revents && !read_commands()) return 0;
  }
}
