// A recorded run as a file: what was run, every event, and how it ended. `faultline run --trace
// OUT` writes one, `faultline replay` reads it. Whatever happens to such a file is noticed and
// named: it is none, it ends early, it was damaged, and where.
//
//   offset  bytes
//   0       8      magic "FLTRACE1"
//   8       …      records: one header, then events, then one footer
//   end-16  16     XXH3-128 chain over the magic and all records, most significant byte first
//
//   a record, n bytes of payload; integers little-endian
//   0       1      'H' v1::TraceHeader, 'E' v1::TraceEvent, 'F' v1::TraceFooter
//   1       4      n
//   5       4      head check: low half of XXH3-64 over (place u64 ‖ the 5 bytes above)
//   9       n      payload: the message, serialised
//   9+n     4      check: the same over (place ‖ the 5 bytes ‖ payload)
//   where place counts records, the header's being 0
//
// The head check tells a damaged length from a file that ends early. Format 1; a reader refuses
// others.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/hash.h"
#include "engine/trace.h"
#include "proto/result.h"
#include "proto/trace.pb.h"

namespace faultline::regions {

inline constexpr std::uint32_t kTraceFormat = 1;
// What read_file() may take in for a trace.
inline constexpr std::size_t kMostTraceBytes = 2'000'000'000;

// Writes as the run goes, so that a run that does not end leaves a file which is readable up to its
// last event.
class TraceWriter : public engine::TraceSink {
 public:
  // Writes the header at once. `out` is opened as binary and outlives the writer.
  TraceWriter(std::ostream& out, const v1::TraceHeader& header);

  void on_event(const v1::TraceEvent& event) override;
  // Writes footer and checksum; call it once, after the run. False: the stream has failed, now or
  // before.
  [[nodiscard]] bool finish(const v1::TraceFooter& footer);

 private:
  void write(char type, const std::string& payload);

  std::ostream& out_;
  engine::HashChain checksum_;
  std::uint64_t records_ = 0;
  std::string record_;
};

struct RecordedRun {
  v1::TraceHeader header;
  std::vector<v1::TraceEvent> events;
  v1::TraceFooter footer;
};

// Whether the bytes begin as a trace does.
[[nodiscard]] bool looks_like_a_trace(std::string_view bytes);

// Errors   one sentence: not a trace; a format that this build does not know; "truncated after
// event 41"; "damaged at event 42". Every
//          cut and every changed byte is found.
[[nodiscard]] Expected<RecordedRun, std::string> read_trace(std::string_view bytes);

}  // namespace faultline::regions
