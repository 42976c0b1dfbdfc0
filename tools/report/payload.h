// The payload of a report: a run as one JSON object, which the page in tools/web/report draws.
//
//   format        1
//   title, description, file, seed (text), hash, build, verdict, command, epoch, ended_ns, calls,
//   messages_sent
//   regions       the lanes, in the order of the scenario; -1 is the world
//   strings       each text once; below "str" is an index into it, 0 is ""
//   events        columns of equal length: id, at (ns), each the difference to the one before; kind
//                 (str), actor, peer (lanes), cause (by how much its id is less; 0: none of this
//                 run), number, subject, verb, outcome, text, words (str: the narration, or 0),
//                 digest (its upper 32 bits)
//   messages      type, from, to, sent, got, lost, why
//   faults        name, kind, words, lanes, link, begin, end        (fault_bands.h)
//   state         event, lane, what, of, value                      (state_changes.h)
//   story         event, text, because, tone                        (story.h)
//   violations    property, title, sentence, why, aws, found, event, witness, where,
//                 picture (Mermaid, or "")
//   properties    id, title, kind ("always", "eventually"), checks, broken
//   cone          ids: what led to the first violation              (causality.h)
//   reasons       those of AWS's reasons of failure that are met   (reasons_json.h)
//   lag           of each link: secret (str), primary, replica (lanes), and from which event (each
//                 the difference to the one before) behind by how many changes (replication_lag.h)
//   twin          another run to hold against it, with a "label"; or null
//   first_event, live   of a run that goes on: PayloadOptions::first_event, and true
//
// What a message held beside its type and its digest is not in a trace; what came of it is: the
// secret, the number of the change and the answer stand in the events that it caused. Nor does a
// trace have staging labels and the size of what is not yet synced.
//
// Events are named by their ids. Times are virtual, in nanoseconds. Numbers of more than 53 bits are
// strings. Pure, and stable: equal runs give equal bytes. No secret value is in it (redaction.h).
#pragma once

#include <cstdint>
#include <string>

#include "tools/report/run_record.h"

namespace faultline::tools {

struct PayloadOptions {
  // The command that repeats the run.
  std::string command{};
  // Held against it; nullptr: nothing is. Outlives the call.
  const RunRecord* twin = nullptr;
  std::string twin_label{};  // "sound protocol"
  std::string twin_command{};
  // Of a run that goes on (RunRecord::goes_on) only the events from this one on are shown, the
  // first of them with the states and the faults in force that the earlier ones have left. The
  // record holds of those what explains something. 0: all are shown.
  std::uint64_t first_event = 0;
};

[[nodiscard]] std::string report_payload(const RunRecord& record, const PayloadOptions& options);

}  // namespace faultline::tools
