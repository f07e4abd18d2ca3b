// Connections of one kind to one server, and their messages; load.c documents the commands.
#ifndef GROUP_H
#define GROUP_H
#include "frames.h"
#include <stdint.h>

enum { max_ports = 8, max_steps = 4, max_signals = 4, max_templates = 16, ring_size = 4096 };

typedef enum { closed, connecting, shaking, talking, joined } State;

typedef struct Member Member;

// What the first member of a pair sends to the second, in turn.
typedef struct {
  Member *from;
  Frame frames[max_templates];
  uint32_t sent, received;
  uint64_t sent_at[ring_size];
} Sender;

struct Member {
  int fd;
  State state;
  int step, index, group;
  char id[64];
  unsigned char *rest; // Of an incomplete frame.
  size_t rest_length;
  unsigned char *unsent;
  size_t unsent_length;
  uint64_t began_at, joined_at;
  uint32_t told;
  Sender *pair; // Shared by both members.
};

typedef struct {
  char *expect, *say;
} Step;

typedef struct {
  uint16_t ports[max_ports];
  int port_count, room_size;
  char *path, *protocol;
  Step steps[max_steps]; // What to say when; an empty `expect` is the end of the handshake.
  int step_count;
  int in_use;
  int hold; // The last step waits for a command.
  char *welcome, *id_mark, *signals[max_signals], *told, *ask, *answer;
  int signal_count;
  char *templates[max_templates];
  int template_count;
  Member *members;
  int count, joined_count, lost_count;
  void (*on_signal)(Sender *pair);
} Group;

enum { max_groups = 32 };
extern Group groups[max_groups];

uint64_t now_ns(void);
// Opens one more connection.
void open_member(Group *group);
// Serves all sockets once; waits at most `wait_ms`.
void pump(int wait_ms);
void say(Member *member, const char *template_text);
void send_frame(Member *member, Frame frame);
void close_member(Member *member);
// Fills in a template: %n the member's number, %r its room, %t its partner's id.
char *expand(const Group *group, const char *template_text, int index, const char *to);
void prepare(void);
int poll_handle(void);
#endif
