// Measurements over a window of time; each is a command of load.c.
#include "group.h"

static const uint64_t ns_per_ms = 1000000;

void forget_latencies(void);
void note_latency(uint64_t ns);
// In µs; -1 when there are none.
double quantile(double share);

void flood(char **fields);
void steady(char **fields);
void fan(char **fields);
