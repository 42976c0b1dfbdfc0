// Uses one thing of each installed layer, so that a missing header, library or dependency shows.
#include <cstdio>
#include <string>

#include "engine/time.h"
#include "kms/envelope.h"
#include "proto/trace.pb.h"

int main() {
  const auto timeout = faultline::engine::parse_duration("1.5s");
  if (!timeout.has_value()) return 1;
  std::printf("engine: a timeout of %s\n", faultline::engine::format_duration(*timeout).c_str());

  const std::string context = faultline::kms::canonical_context({{"SecretARN", "arn:aws:example"}});
  std::printf("kms: a canonical context of %zu bytes\n", context.size());

  faultline::v1::TraceEvent event;
  event.set_subject("proto");
  std::printf("%s: %zu bytes on the wire\n", event.subject().c_str(), event.ByteSizeLong());
  return context.empty() ? 1 : 0;
}
