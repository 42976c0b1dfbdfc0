/* The model of link_model.h, in Promela: one process, one location, each choice one step, so that
   the states that SPIN stores are the values of these variables. PUTS and FAULTS come from outside. */
byte sequence, applied, durable, acked;
byte faults = FAULTS;
byte snapshots[4];
byte acks[4];

active proctype world() {
  do
  :: d_step { sequence < PUTS && snapshots[sequence + 1] < 2 ->
              sequence++; snapshots[sequence]++ }
  :: d_step { acked < sequence && snapshots[sequence] < 2 -> snapshots[sequence]++ }
  :: d_step { applied > durable && acks[applied] < 2 -> durable = applied; acks[durable]++ }
  :: d_step { faults > 0 -> faults--; applied = durable }
#define VALUE(V)                                                                             \
  :: d_step { snapshots[V] > 0 -> snapshots[V]--;                                            \
              if :: V > applied -> applied = V :: else -> skip fi }                          \
  :: d_step { snapshots[V] > 0 && faults > 0 -> faults--; snapshots[V]-- }                   \
  :: d_step { snapshots[V] > 0 && faults > 0 && snapshots[V] < 2 -> faults--; snapshots[V]++ } \
  :: d_step { acks[V] > 0 -> acks[V]--; if :: V > acked -> acked = V :: else -> skip fi }    \
  :: d_step { acks[V] > 0 && faults > 0 -> faults--; acks[V]-- }
  VALUE(1)
  VALUE(2)
  VALUE(3)
  od
}
