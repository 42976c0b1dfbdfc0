#include "regions/fault_catalogue.h"

#include <google/protobuf/text_format.h>

#include <algorithm>

#include "engine/time.h"
#include "proto/check.h"

namespace faultline::regions {
namespace {

using Ids = std::vector<std::string_view>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// From here on a region was away long enough for everything that waits for it to have given up.
constexpr engine::Duration kLongAbsence = engine::Duration::hours(1);

bool lasts_at_least(const v1::Fault& fault, engine::Duration least) {
  return engine::parse_duration(fault.for_()).value_or(engine::Duration::zero()) >= least;
}

Ids of_degrade(const v1::Degrade& degrade) {
  Ids ids;
  if (!degrade.latency().empty()) ids.emplace_back("NET-01");
  if (!degrade.jitter().empty()) ids.emplace_back("NET-02");
  if (!degrade.loss().empty()) ids.emplace_back("NET-03");
  if (!degrade.duplicate().empty()) ids.emplace_back("NET-04");
  if (!degrade.reorder().empty()) ids.emplace_back("NET-05");
  if (degrade.bytes_per_second() > 0) ids.emplace_back("NET-12");
  return ids;
}

Ids of_crash(const v1::Crash& crash) {
  Ids ids = {"REG-01"};
  if (crash.recover_crashes() > 0) ids.emplace_back("REG-02");
  if (crash.torn_tail() == v1::TEAR) ids.emplace_back("DSK-02");
  if (crash.torn_tail() != v1::TEAR && crash.torn_tail() != v1::KEEP_ALL)
    ids.emplace_back("DSK-01");
  return ids;
}

Ids of_disk(const v1::DiskFault& disk) {
  Ids ids;
  if (disk.lose_renames()) ids.emplace_back("DSK-03");
  if (disk.fail_reads()) ids.emplace_back("DSK-04");
  if (disk.fail_writes() || disk.fail_syncs()) ids.emplace_back("DSK-05");
  if (disk.full()) ids.emplace_back("DSK-06");
  if (disk.bit_rot() > 0) ids.emplace_back("DSK-07");
  if (disk.misdirected_writes() > 0) ids.emplace_back("DSK-08");
  if (!disk.slow_sync().empty()) ids.emplace_back("DSK-09");
  if (disk.lying_sync()) ids.emplace_back("DSK-10");
  return ids;
}

Ids of_clock(const v1::ClockFault& clock) {
  Ids ids;
  if (!clock.offset().empty())
    ids.emplace_back(clock.offset().starts_with('-') ? "CLK-02" : "CLK-01");
  if (clock.drift_ppm() != 0) ids.emplace_back("CLK-03");
  if (clock.frozen()) ids.emplace_back("CLK-04");
  return ids;
}

Ids of_replicas(bool overwrites, Ids ids) {
  if (overwrites) ids.emplace_back("OPS-07");
  return ids;
}

// Of a call of the API.
Ids of_call(const v1::Step& step) {
  switch (step.verb_case()) {
    case v1::Step::kStopReplicationToReplica:
      return {"OPS-01"};
    case v1::Step::kRemoveRegionsFromReplication:
      return {"OPS-02"};
    case v1::Step::kReplicateSecretToRegions:
      return of_replicas(step.replicate_secret_to_regions().force_overwrite_replica_secret(),
                         {"OPS-03"});
    case v1::Step::kCreateSecret:
      return of_replicas(step.create_secret().force_overwrite_replica_secret(), {});
    case v1::Step::kDeleteSecret:
      return {"OPS-04"};
    case v1::Step::kPutSecretValue:
    case v1::Step::kUpdateSecretVersionStage:
      return {"OPS-05"};
    case v1::Step::kUpdateSecret: {
      const v1::UpdateSecretRequest& update = step.update_secret();
      Ids ids;
      if (!update.secret_string().empty() || !update.secret_binary().empty())
        ids.emplace_back("OPS-05");
      if (!update.kms_key_id().empty()) ids.emplace_back("OPS-06");
      return ids;
    }
    default:
      return {};
  }
}

}  // namespace

const std::vector<FaultEntry>& fault_catalogue() {
  static const std::vector<FaultEntry> kCatalogue = {
      {"NET-01", "latency",                 "Messages take longer.",
       "Retries begin before the first answer is there.",                                                                                                        "degrade"                        },
      {"NET-02", "jitter",                  "Messages take longer by different times.",
       "Time-outs that fit the usual case only.",                                                                                                                "degrade"                        },
      {"NET-03", "loss",                    "Some messages never arrive.",                                "What is sent once and never again.",
       "degrade"                                                                                                                                                                                  },
      {"NET-04", "duplication",             "Some messages arrive twice.",                                "What is not idempotent.",
       "degrade"                                                                                                                                                                                  },
      {"NET-05", "reorder",                 "Some messages overtake others.",
       "What trusts the order of arrival: an old value applied over a newer one.",                                                                               "degrade"                        },
      {"NET-06", "late ghost",              "A copy of a message arrives long after it.",
       "What a removed and re-created replica accepts from its former life.",                                                                                    "late_ghost"                     },
      {"NET-07", "clog, then burst",        "Messages are held, and then arrive all at once.",
       "Queues and retries that meet their answers all at one instant.",                                                                                         "clog"                           },
      {"NET-08", "swizzle-clog",            "Links clog one after the other and clear in another order.",
       "Rare orders in which regions lose and find each other.",                                                                                                 "swizzle_clog"                   },
      {"NET-09", "symmetric cut",           "Two regions cannot reach each other.",
       "What waits for ever, and what does not catch up.",                                                                                                       "cut"                            },
      {"NET-10", "one-way cut",             "One region hears another and is not heard.",
       "Changes that are applied and whose acknowledgements are lost.",                                                                                          "cut"                            },
      {"NET-11", "isolation",               "A region is cut from every other one.",
       "A replica that is behind by everything.",                                                                                                                "isolate"                        },
      {"NET-12", "bandwidth cap",           "A link carries only so many bytes a second.",
       "Full copies that do not fit between two retries.",                                                                                                       "degrade"                        },
      {"NET-13", "connection reset",        "What is between two regions is lost at once.",
       "Halves of an exchange.",                                                                                                                                 "reset_connection"               },
      {"NET-14", "corrupt frame",           "A message arrives damaged or cut short.",
       "What is applied without being checked: it must be rejected.",                                                                                            "corrupt_next"                   },
      {"NET-15", "flapping link",           "A link goes down and up, again and again.",
       "Retries that always meet the wrong half.",                                                                                                               "flap"                           },

      {"REG-01", "crash",                   "A region's process dies and starts again.",
       "Intentions that were only in memory.",                                                                                                                   "crash"                          },
      {"REG-02", "crash during recovery",   "A region dies again as it recovers.",
       "A recovery that cannot be repeated from its middle.",                                                                                                    "crash"                          },
      {"REG-03", "pause",                   "A region's process hangs, as in a long garbage collection.",
       "Timers and leases that ran out without being noticed.",                                                                                                  "pause"                          },
      {"REG-04", "slow region",             "Everything a region does takes longer.",
       "What takes slow for dead.",                                                                                                                              "slow_region"                    },
      {"REG-05", "region disabled",         "The account disables a region.",
       "Replication into a region that refuses it.",                                                                                                             "region_disabled"                },
      {"REG-06", "out of reach of clients", "Clients cannot reach a region; replication goes on.",
       "Who takes a client's view for the region's state.",                                                                                                      "clients_cut"                    },
      {"REG-07", "control plane down",      "A region can be read and not be changed.",
       "Promotions and repairs that are needed just then.",                                                                                                      "control_plane_down"             },
      {"REG-08", "old binary",
       "A region starts with a binary that does not know its store's format.",                            "Data that is read wrongly instead of being refused.", "old_binary"                     },
      {"REG-09", "wipe",                    "A region loses its disk and starts on an empty one.",
       "A primary that believes its replica has what it once confirmed.",                                                                                        "wipe"                           },
      {"REG-10", "old backup",              "A region gets back the disk that it had some time ago.",
       "Sequence numbers that run backwards.",                                                                                                                   "old_backup"                     },
      {"REG-11", "long absence",            "A region is enabled again after more than an hour.",
       "A backlog that nobody sends any more.",                                                                                                                  "region_disabled"                },

      {"DSK-01", "unsynced loss",           "A crash loses every byte that was not synced.",
       "Answers that left before their bytes were safe.",                                                                                                        "crash"                          },
      {"DSK-02", "torn tail",               "A crash leaves a part of what was not synced.",
       "Records of which a half is taken for the whole.",                                                                                                        "crash"                          },
      {"DSK-03", "lost rename",             "A crash undoes names of files that were not synced.",
       "A database that points to files that are gone.",                                                                                                         "disk"                           },
      {"DSK-04", "read error",              "Reads answer an I/O error.",                                 "An error taken for an absence.",
       "disk"                                                                                                                                                                                     },
      {"DSK-05", "write or sync error",     "Writes or syncs answer an I/O error.",
       "Success that is told although nothing is safe.",                                                                                                         "disk"                           },
      {"DSK-06", "disk full",               "There is no space left.",                                    "Half a batch.",                                       "disk"                           },
      {"DSK-07", "bit rot",                 "Bits of what is stored flip.",
       "Reads that are not checked: damage must be an error and never another value.",                                                                           "disk"                           },
      {"DSK-08", "misdirected write",       "A write lands in another place.",
       "A checksum that fits in the wrong place, and a hole that looks like an end.",                                                                            "disk"                           },
      {"DSK-09", "slow sync",               "Syncs take longer.",                                         "Acknowledgements that overtake durability.",
       "disk"                                                                                                                                                                                     },
      {"DSK-10", "lying sync",              "Syncs answer success and sync nothing.",
       "What is lost although everyone did the right thing: only another region can help.",                                                                      "disk"                           },

      {"CLK-01", "forward jump",            "A wall clock is ahead.",                                     "Recovery windows that end early.",
       "clock"                                                                                                                                                                                    },
      {"CLK-02", "backward jump",           "A wall clock is behind.",
       "Changes that seem older than what they replace.",                                                                                                        "clock"                          },
      {"CLK-03", "drift",                   "A wall clock runs too fast or too slow.",
       "Durations measured on the wall.",                                                                                                                        "clock"                          },
      {"CLK-04", "frozen clock",            "A wall clock stands still.",                                 "Orders that rest on time passing.",
       "clock"                                                                                                                                                                                    },
      {"CLK-05", "skew",                    "The regions' clocks are apart.",
       "Dates compared across regions, at the end of a window or of a rotation.",                                                                                "clock_skew"                     },

      {"KMS-01", "key disabled",            "A key is disabled.",
       "A replica that cannot be encrypted, and must say so.",                                                                                                   "key_disabled"                   },
      {"KMS-02", "key enabled again",       "A key is disabled for a while.",
       "A failure that nobody tries to get over.",                                                                                                               "key_disabled"                   },
      {"KMS-03", "pending deletion",        "A key waits for its deletion.",
       "Values that are about to be lost.",                                                                                                                      "key_pending_deletion"           },
      {"KMS-04", "key deleted",             "A key is gone.",
       "Versions that nobody can read any more, and promotion in spite of them.",                                                                                "key_deleted"                    },
      {"KMS-05", "policy denies",           "A key's policy denies its use.",
       "A refusal taken for a passing trouble.",                                                                                                                 "key_denied"                     },
      {"KMS-06", "grant revoked in flight", "A permission goes while a call is on its way.",
       "Checks made before the use instead of with it.",                                                                                                         "grant_revoked"                  },
      {"KMS-07", "KMS throttled",           "KMS answers ThrottlingException.",
       "A passing trouble taken for a refusal.",                                                                                                                 "kms_throttled"                  },
      {"KMS-08", "KMS timeout",             "KMS does what it is asked, and its answer does not come.",
       "Work that is done twice, or never again.",                                                                                                               "kms_timeout"                    },
      {"KMS-09", "wrong key id",            "A region has been given a key id that does not exist.",
       "Mistakes of configuration that show only in one region.",                                                                                                "wrong_key"                      },
      {"KMS-10", "key rotated",             "A key gets new material between encrypting and decrypting.",
       "Who keeps the material instead of the key.",                                                                                                             "key_rotated"                    },
      {"KMS-11", "context mismatch",        "The encryption context is not the one of the encryption.",
       "Ciphertexts accepted in a place that is not theirs.",                                                                                                    "context_mismatch"               },
      {"KMS-12", "replica key missing",     "The replica's key has not been created in its region.",
       "An order of setting up that nobody enforces.",                                                                                                           "replica_key_missing"            },

      {"API-01", "throttling",              "Calls are throttled.",                                       "Clients that give up, or hammer on.",
       "api_throttled"                                                                                                                                                                            },
      {"API-02", "failure before effect",   "Calls fail and have done nothing.",
       "Clients that believe it was done.",                                                                                                                      "api_fails"                      },
      {"API-03", "failure after effect",    "Calls are done, and their clients are told they failed.",
       "Retries that make a second version.",                                                                                                                    "api_fails_after"                },
      {"API-04", "duplicate request",       "Requests arrive twice with one token.",
       "Tokens that are not remembered.",                                                                                                                        "duplicate_requests"             },
      {"API-05", "stale read",              "Reads from a replica are behind.",
       "Clients that write here and read there.",                                                                                                                "replica_lag"                    },

      {"OPS-01", "promotion",               "A replica is promoted.",
       "Messages of the old primary that still arrive.",                                                                                                         "stop_replication_to_replica"    },
      {"OPS-02", "region removed",          "A region is removed while it is being replicated to.",
       "A replica that is left behind.",                                                                                                                         "remove_regions_from_replication"},
      {"OPS-03", "region added again",      "A region is added again right after it was removed.",
       "The removal that arrives after the new copy.",                                                                                                           "replicate_secret_to_regions"    },
      {"OPS-04", "delete and create again", "A secret of the same name follows another.",
       "Replicas that mix the two.",                                                                                                                             "delete_secret"                  },
      {"OPS-05", "rotation",                "A value is rotated while the last one is being replicated.",
       "Labels and values of two moments in one replica.",                                                                                                       "put_secret_value"               },
      {"OPS-06", "key changed",             "A secret's key is changed during its replication.",
       "Versions that are still under the old key.",                                                                                                             "update_secret"                  },
      {"OPS-07", "overwriting",             "A secret of the replica's region is overwritten by force.",
       "The loss of what had that name.",                                                                                                                        "replicate_secret_to_regions"    },
  };
  return kCatalogue;
}

const FaultEntry* find_fault(std::string_view id_or_name) {
  const std::string wanted = lower(id_or_name);
  for (const FaultEntry& entry : fault_catalogue()) {
    if (lower(entry.id) == wanted || lower(entry.name) == wanted) return &entry;
  }
  return nullptr;
}

Ids fault_ids_of(const v1::Fault& fault) {
  switch (fault.kind_case()) {
    case v1::Fault::kDegrade:
      return of_degrade(fault.degrade());
    case v1::Fault::kCrash:
      return of_crash(fault.crash());
    case v1::Fault::kDisk:
      return of_disk(fault.disk());
    case v1::Fault::kClock:
      return of_clock(fault.clock());
    case v1::Fault::kCut:
      return {fault.cut().one_way() ? "NET-10" : "NET-09"};
    case v1::Fault::kRegionDisabled:
      if (lasts_at_least(fault, kLongAbsence)) return {"REG-05", "REG-11"};
      return {"REG-05"};
    case v1::Fault::kKeyDisabled:
      if (!fault.for_().empty()) return {"KMS-01", "KMS-02"};
      return {"KMS-01"};
    case v1::Fault::kDropNext:
      return {"NET-03"};
    case v1::Fault::kDelayNext:
      return {"NET-05"};
    case v1::Fault::kDuplicateNext:
      return {"NET-04"};
    case v1::Fault::kReplyLost:
      return {"API-03"};
    default:
      break;
  }
  // Every other kind is one entry.
  const auto* kind =
      v1::Fault::descriptor()->FindFieldByNumber(static_cast<int>(fault.kind_case()));
  if (kind == nullptr) return {};
  for (const FaultEntry& entry : fault_catalogue()) {
    if (entry.block == kind->name()) return {entry.id};
  }
  return {};
}

namespace {

// What clients do to keys and regions, which is no fault to them.
Ids of_other_call(const v1::Step& step) {
  if (step.account().has_disable_region()) return {"REG-05"};
  switch (step.kms().operation_case()) {
    case v1::KmsRequest::kDisableKey:
      return {"KMS-01"};
    case v1::KmsRequest::kEnableKey:
      return {"KMS-02"};
    case v1::KmsRequest::kScheduleKeyDeletion:
      return {"KMS-03"};
    case v1::KmsRequest::kRotateKeyOnDemand:
      return {"KMS-10"};
    default:
      return {};
  }
}

}  // namespace

Ids fault_ids_of(const v1::Step& step) {
  switch (step.verb_case()) {
    case v1::Step::kKms:
    case v1::Step::kAccount:
      return of_other_call(step);
    case v1::Step::kFault:
      return fault_ids_of(step.fault());
    case v1::Step::kCrash:
      return of_crash(step.crash());
    case v1::Step::kDisableRegion:
      return {"REG-05"};
    case v1::Step::kDisableKey:
      return {"KMS-01"};
    case v1::Step::kEnableKey:
      return {"KMS-02"};
    case v1::Step::kRotateKey:
      return {"KMS-10"};
    default:
      return of_call(step);
  }
}

// ---- examples -----------------------------------------------------------------------------------

namespace {

struct Example {
  std::string_view id;
  // In the text format; $A and $B: the regions, $K: the key.
  std::string_view text;
};

constexpr Example kExamples[] = {
    {"NET-01", R"(degrade { from: "$A" to: "$B" latency: "800ms" })"                  },
    {"NET-02", R"(degrade { from: "$A" to: "$B" jitter: "1500ms" })"                  },
    {"NET-03", R"(degrade { from: "$A" to: "$B" loss: "1/3" })"                       },
    {"NET-04", R"(degrade { from: "$A" to: "$B" duplicate: "1/2" })"                  },
    {"NET-05", R"(degrade { from: "$A" to: "$B" reorder: "1/2" reorder_delay: "2s" })"},
    {"NET-06", R"(late_ghost { from: "$A" to: "$B" delay: "30s" })"                   },
    {"NET-07", R"(clog { from: "$A" to: "$B" })"                                      },
    {"NET-08", R"(swizzle_clog {})"                                                   },
    {"NET-09", R"(cut { from: "$A" to: "$B" })"                                       },
    {"NET-10", R"(cut { from: "$A" to: "$B" one_way: true })"                         },
    {"NET-11", R"(isolate { region: "$B" })"                                          },
    {"NET-12", R"(degrade { from: "$A" to: "$B" bytes_per_second: 500 })"             },
    {"NET-13", R"(reset_connection { from: "$A" to: "$B" })"                          },
    {"NET-14", R"(corrupt_next { from: "$A" to: "$B" })"                              },
    {"NET-15", R"(flap { from: "$A" to: "$B" up: "400ms" down: "700ms" })"            },
    {"REG-01", R"(crash { region: "$B" torn_tail: KEEP_ALL })"                        },
    {"REG-02", R"(crash { region: "$B" recover_crashes: 2 })"                         },
    {"REG-03", R"(pause { region: "$B" })"                                            },
    {"REG-04", R"(slow_region { region: "$B" delay: "300ms" })"                       },
    {"REG-05", R"(region_disabled { region: "$B" })"                                  },
    {"REG-06", R"(clients_cut { region: "$B" })"                                      },
    {"REG-07", R"(control_plane_down { region: "$B" })"                               },
    {"REG-08", R"(old_binary { region: "$B" })"                                       },
    {"REG-09", R"(wipe { region: "$B" })"                                             },
    {"REG-10", R"(old_backup { region: "$B" })"                                       },
    {"REG-11", R"(for: "2h" region_disabled { region: "$B" })"                        },
    {"DSK-01", R"(crash { region: "$B" torn_tail: LOSE_ALL })"                        },
    {"DSK-02", R"(crash { region: "$B" torn_tail: TEAR })"                            },
    {"DSK-03", R"(disk { region: "$B" lose_renames: true })"                          },
    {"DSK-04", R"(disk { region: "$B" fail_reads: true })"                            },
    {"DSK-05", R"(disk { region: "$B" fail_syncs: true })"                            },
    {"DSK-06", R"(disk { region: "$B" full: true })"                                  },
    {"DSK-07", R"(disk { region: "$B" bit_rot: 3 })"                                  },
    {"DSK-08", R"(disk { region: "$B" misdirected_writes: 1 })"                       },
    {"DSK-09", R"(disk { region: "$B" slow_sync: "400ms" })"                          },
    {"DSK-10", R"(disk { region: "$B" lying_sync: true })"                            },
    {"CLK-01", R"(clock { region: "$B" offset: "2h" })"                               },
    {"CLK-02", R"(clock { region: "$B" offset: "-2h" })"                              },
    {"CLK-03", R"(clock { region: "$B" drift_ppm: 20000 })"                           },
    {"CLK-04", R"(clock { region: "$B" frozen: true })"                               },
    {"CLK-05", R"(clock_skew { offset: "3s" })"                                       },
    {"KMS-01", R"(key_disabled { region: "$B" key: "$K" })"                           },
    {"KMS-02", R"(for: "4s" key_disabled { region: "$B" key: "$K" })"                 },
    {"KMS-03", R"(key_pending_deletion { region: "$B" key: "$K" })"                   },
    {"KMS-04", R"(key_deleted { region: "$B" key: "$K" })"                            },
    {"KMS-05", R"(key_denied { region: "$B" key: "$K" })"                             },
    {"KMS-06", R"(grant_revoked { region: "$B" key: "$K" })"                          },
    {"KMS-07", R"(kms_throttled { region: "$B" })"                                    },
    {"KMS-08", R"(kms_timeout { region: "$B" delay: "2s" })"                          },
    {"KMS-09", R"(wrong_key { region: "$B" key: "$K" })"                              },
    {"KMS-10", R"(key_rotated { region: "$B" key: "$K" })"                            },
    {"KMS-11", R"(context_mismatch { region: "$B" })"                                 },
    {"KMS-12", R"(replica_key_missing { region: "$B" key: "$K" })"                    },
    {"API-01", R"(api_throttled { region: "$A" })"                                    },
    {"API-02", R"(api_fails { region: "$A" })"                                        },
    {"API-03", R"(api_fails_after { region: "$A" })"                                  },
    {"API-04", R"(duplicate_requests { region: "$A" })"                               },
    {"API-05", R"(replica_lag { region: "$B" by: "3s" })"                             },
};

std::string filled_in(std::string_view text, const std::vector<std::string>& regions,
                      std::string_view key) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    ++i;
    out += text[i] == 'A'   ? std::string_view(regions[0])
           : text[i] == 'B' ? std::string_view(regions[1])
                            : key;
  }
  return out;
}

}  // namespace

bool is_over_at_once(const v1::Fault& fault) {
  return fault.has_reset_connection() || fault.has_wipe() || fault.has_key_rotated();
}

v1::Fault example_fault(std::string_view id, const std::vector<std::string>& regions,
                        std::string_view key) {
  FL_CHECK(regions.size() >= 2) << "an example of a fault needs two regions";
  v1::Fault fault;
  for (const Example& example : kExamples) {
    if (example.id != id) continue;
    const bool parsed = google::protobuf::TextFormat::ParseFromString(
        filled_in(example.text, regions, key), &fault);
    FL_CHECK(parsed) << "the example of " << id << " cannot be read";
  }
  return fault;
}

}  // namespace faultline::regions
