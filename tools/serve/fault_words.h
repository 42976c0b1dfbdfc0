// A fault as words of a command line:
//
//     key-denied --region us-east-1 --key alias/replica --for 30s --name outage
//
// The kind is a block of proto/fault.proto, or an id of the catalogue such as KMS-02; each --word is a
// field of that block, with dashes for underscores. A field that is yes or no takes no value.
#pragma once

#include <string>
#include <vector>

#include "proto/fault.pb.h"
#include "proto/result.h"

namespace faultline::tools {

// Errors: a sentence, with the word that was likely meant. What the words mean together (whether the
// region exists, whether the key is missing) is not asked here.
[[nodiscard]] Expected<v1::Fault, std::string> fault_of(const std::vector<std::string>& words);

// "key-denied", "cut", … in the order of the catalogue's groups.
[[nodiscard]] std::vector<std::string> fault_kinds();
// The words that a kind takes: "--region TEXT --key TEXT …". REQUIRES: a kind of fault_kinds().
[[nodiscard]] std::string fault_usage(const std::string& kind);

}  // namespace faultline::tools
