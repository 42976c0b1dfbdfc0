#include "regions/trace_file.h"

#include <fmt/format.h>

#include <optional>

namespace faultline::regions {
namespace {

constexpr std::string_view kMagic = "FLTRACE1";
constexpr std::size_t kHeadBytes = 9;
constexpr std::size_t kCheckBytes = 4;
constexpr std::size_t kChecksumBytes = 16;

void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift);
}

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  }
  return value;
}

std::uint32_t check_of(std::uint64_t place, std::string_view bytes) {
  std::string framed;
  framed.reserve(8 + bytes.size());
  for (int shift = 0; shift < 64; shift += 8) framed += static_cast<char>(place >> shift);
  framed += bytes;
  return static_cast<std::uint32_t>(engine::hash64(framed));
}

engine::Hash128 from_bytes(std::string_view sixteen) {
  engine::Hash128 hash;
  for (std::size_t i = 0; i < 8; ++i) {
    hash.high = hash.high << 8 | static_cast<unsigned char>(sixteen[i]);
    hash.low = hash.low << 8 | static_cast<unsigned char>(sixteen[i + 8]);
  }
  return hash;
}

struct Record {
  char type = 0;
  std::string_view payload;
  std::string_view all;
};

enum class Flaw { Truncated, Damaged };

// Takes records off the front of a file, one after the other.
class RecordReader {
 public:
  explicit RecordReader(std::string_view bytes) : rest_(bytes) {}

  Expected<Record, Flaw> next() {
    if (rest_.size() < kHeadBytes) return tl::make_unexpected(Flaw::Truncated);
    const std::string_view head = rest_.substr(0, kHeadBytes - kCheckBytes);
    if (u32_at(rest_, head.size()) != check_of(place_, head))
      return tl::make_unexpected(Flaw::Damaged);
    const std::size_t size = u32_at(rest_, 1);
    if (rest_.size() < kHeadBytes + size + kCheckBytes) return tl::make_unexpected(Flaw::Truncated);
    Record record{rest_.front(), rest_.substr(kHeadBytes, size),
                  rest_.substr(0, kHeadBytes + size + kCheckBytes)};
    const std::string checked = std::string(head) + std::string(record.payload);
    if (u32_at(rest_, kHeadBytes + size) != check_of(place_, checked))
      return tl::make_unexpected(Flaw::Damaged);
    rest_.remove_prefix(record.all.size());
    ++place_;
    return record;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  std::uint64_t place_ = 0;
};

class TraceReader {
 public:
  explicit TraceReader(std::string_view bytes) : records_(bytes.substr(kMagic.size())) {
    checksum_.add(kMagic);
  }

  Expected<RecordedRun, std::string> read() {
    if (auto error = read_header()) return tl::make_unexpected(std::move(*error));
    for (;;) {
      const auto record = records_.next();
      if (!record) return tl::make_unexpected(where(record.error()));
      checksum_.add(record->all);
      if (record->type == 'F') {
        if (!run_.footer.ParseFromArray(record->payload.data(),
                                        static_cast<int>(record->payload.size()))) {
          return tl::make_unexpected(std::string("damaged in its last record"));
        }
        break;
      }
      if (auto error = add_event(*record)) return tl::make_unexpected(std::move(*error));
    }
    if (auto error = check_end()) return tl::make_unexpected(std::move(*error));
    return std::move(run_);
  }

 private:
  std::optional<std::string> read_header() {
    const auto record = records_.next();
    if (!record)
      return record.error() == Flaw::Truncated ? "truncated in its header"
                                               : "damaged in its header";
    checksum_.add(record->all);
    if (record->type != 'H' ||
        !run_.header.ParseFromArray(record->payload.data(),
                                    static_cast<int>(record->payload.size()))) {
      return "damaged in its header";
    }
    if (run_.header.format() != kTraceFormat) {
      return fmt::format("a trace of format {}; this build reads format {}", run_.header.format(),
                         kTraceFormat);
    }
    return std::nullopt;
  }

  std::optional<std::string> add_event(const Record& record) {
    v1::TraceEvent event;
    if (record.type != 'E' ||
        !event.ParseFromArray(record.payload.data(), static_cast<int>(record.payload.size()))) {
      return where(Flaw::Damaged);
    }
    // A listener may have come late: then what it heard first is where the chain begins.
    const bool is_first = run_.events.empty() && event.id() != 1;
    const std::uint64_t expected_id = is_first ? event.id() : last_id_ + 1;
    const std::string expected_chain =
        is_first ? event.chain() : engine::chain_after(chain_, event).to_bytes();
    if (event.id() != expected_id || event.chain() != expected_chain ||
        event.chain().size() != 16) {
      return fmt::format("event {} does not follow from the events before it", event.id());
    }
    last_id_ = event.id();
    chain_ = from_bytes(event.chain());
    run_.events.push_back(std::move(event));
    return std::nullopt;
  }

  std::optional<std::string> check_end() const {
    if (records_.rest().size() < kChecksumBytes) return "truncated in its checksum";
    if (records_.rest().size() > kChecksumBytes) {
      return fmt::format("{} bytes too long", records_.rest().size() - kChecksumBytes);
    }
    if (records_.rest() != checksum_.value().to_bytes()) return "damaged in its checksum";
    if (run_.footer.events() != last_id_ || run_.footer.hash() != chain_.to_hex()) {
      return "its end does not fit its events";
    }
    return std::nullopt;
  }

  std::string where(Flaw flaw) const {
    return flaw == Flaw::Truncated ? fmt::format("truncated after event {}", last_id_)
                                   : fmt::format("damaged at event {}", last_id_ + 1);
  }

  RecordReader records_;
  engine::HashChain checksum_;
  engine::Hash128 chain_;
  std::uint64_t last_id_ = 0;
  RecordedRun run_;
};

}  // namespace

TraceWriter::TraceWriter(std::ostream& out, const v1::TraceHeader& header) : out_(out) {
  out_.write(kMagic.data(), static_cast<std::streamsize>(kMagic.size()));
  checksum_.add(kMagic);
  write('H', header.SerializeAsString());
}

void TraceWriter::on_event(const v1::TraceEvent& event) { write('E', event.SerializeAsString()); }

bool TraceWriter::finish(const v1::TraceFooter& footer) {
  write('F', footer.SerializeAsString());
  const std::string checksum = checksum_.value().to_bytes();
  out_.write(checksum.data(), static_cast<std::streamsize>(checksum.size()));
  out_.flush();
  return out_.good();
}

void TraceWriter::write(char type, const std::string& payload) {
  record_.assign(1, type);
  put_u32(record_, static_cast<std::uint32_t>(payload.size()));
  const std::string head = record_;
  put_u32(record_, check_of(records_, head));
  record_ += payload;
  put_u32(record_, check_of(records_, head + payload));
  ++records_;
  checksum_.add(record_);
  out_.write(record_.data(), static_cast<std::streamsize>(record_.size()));
}

bool looks_like_a_trace(std::string_view bytes) { return bytes.starts_with(kMagic); }

Expected<RecordedRun, std::string> read_trace(std::string_view bytes) {
  if (bytes.empty()) return tl::make_unexpected(std::string("not a trace: it is empty"));
  if (bytes.size() < kMagic.size() && kMagic.starts_with(bytes)) {
    return tl::make_unexpected(std::string("truncated in its first bytes"));
  }
  if (!looks_like_a_trace(bytes)) {
    return tl::make_unexpected(fmt::format("not a trace: it does not begin with {}", kMagic));
  }
  return TraceReader(bytes).read();
}

}  // namespace faultline::regions
