#include "tools/report/aws_passages.h"

#include <array>

namespace faultline::tools {
namespace {

// Source  AWS Secrets Manager User Guide and API Reference, AWS KMS Developer Guide, AWS whitepapers:
//         the pages that are named.
constexpr AwsPassage kVersions = {
    "Secrets Manager User Guide, \"What's in a Secrets Manager secret?\"",
    "A secret always has a version labelled AWSCURRENT, and that is what a reader gets who asks "
    "for "
    "nothing else; AWSPREVIOUS is the one before it, AWSPENDING the one that a rotation prepares."};
constexpr AwsPassage kReplicate = {
    "Secrets Manager User Guide, \"Replicate AWS Secrets Manager secrets across Regions\"",
    "Secrets Manager copies the encrypted value and the metadata of a primary secret to the "
    "Regions "
    "of its replicas, and keeps them up to date when the primary changes or is rotated."};
constexpr AwsPassage kPromote = {
    "Secrets Manager User Guide, \"Promote a replica secret to a standalone secret\"",
    "A promoted replica is a secret of its own. What changes in the primary from then on does not "
    "come to it, and it can have replicas of its own."};
constexpr AwsPassage kDisaster = {
    "Secrets Manager User Guide, \"Promote a replica secret to a standalone secret\"",
    "Promotion is for disaster recovery, when the primary cannot be reached; it is asked of the "
    "replica's own Region."};
constexpr AwsPassage kReadOnly = {
    "Secrets Manager User Guide, \"Replicate AWS Secrets Manager secrets across Regions\"",
    "Changes are made to the primary. At a replica only the encryption key can be changed; whoever "
    "needs more promotes it first."};
constexpr AwsPassage kTroubleshoot = {
    "Secrets Manager User Guide, \"Troubleshoot AWS Secrets Manager replication\"",
    "Replication fails where a secret of the same name exists, where a key cannot be used or is "
    "disabled, and where the Region is not enabled; the replica is Failed then, with the reason, "
    "and can be retried."};
constexpr AwsPassage kStatus = {
    "Secrets Manager API Reference, \"ReplicationStatusType\"",
    "A replica is InProgress, InSync or Failed; the status message says why it failed."};
constexpr AwsPassage kEventual = {
    "Secrets Manager User Guide, \"Troubleshoot AWS Secrets Manager\"",
    "The service is eventually consistent: a change takes time to be seen, from one server and one "
    "Region to another. Applications must expect to read what was there before."};
constexpr AwsPassage kPut = {
    "Secrets Manager API Reference, \"PutSecretValue\"",
    "The ClientRequestToken becomes the version's id. The same token with the same value is "
    "ignored, so that a request can be repeated; with another value it is an error, for a version "
    "cannot be changed."};
constexpr AwsPassage kRemove = {
    "Secrets Manager API Reference, \"RemoveRegionsFromReplication\"",
    "It deletes the replicas in the Regions that are named, and there is no recovery window."};
constexpr AwsPassage kDelete = {
    "Secrets Manager User Guide, \"Delete an AWS Secrets Manager secret\"",
    "A secret is deleted after a recovery window of 7 to 30 days, in which it cannot be read and "
    "can be restored. One that has replicas cannot be deleted before these are."};
constexpr AwsPassage kEncryption = {
    "Secrets Manager User Guide, \"Secret encryption and decryption in AWS Secrets Manager\"",
    "Each value is encrypted with a data key of its own from KMS, outside of KMS, and the "
    "plaintext "
    "key is removed from memory as soon as it can be. The encryption context is the secret's ARN "
    "and the version's id."};
constexpr AwsPassage kRegionalKey = {
    "Secrets Manager User Guide, \"Replicate AWS Secrets Manager secrets across Regions\"",
    "Each replica is encrypted with a KMS key of its own Region, which can be chosen; "
    "aws/secretsmanager of that Region is the default."};
constexpr AwsPassage kKeyStates = {
    "KMS Developer Guide, \"Key states of AWS KMS keys\"",
    "A key that is disabled or pending deletion cannot be used for cryptographic operations; what "
    "was encrypted with it cannot be read until it is enabled again."};
constexpr AwsPassage kChangeKey = {
    "Secrets Manager User Guide, \"Change the encryption key for an AWS Secrets Manager secret\"",
    "When the key of a secret is changed, the versions AWSCURRENT, AWSPENDING and AWSPREVIOUS are "
    "encrypted again with the new one."};
constexpr AwsPassage kTrail = {
    "Secrets Manager User Guide, \"Log AWS Secrets Manager events with AWS CloudTrail\"",
    "CloudTrail records all API calls of Secrets Manager as events, without the values."};
constexpr AwsPassage kRetry = {
    "AWS Well-Architected Framework, Reliability Pillar",
    "Retries are limited, with exponential backoff and jitter: otherwise they keep an overload "
    "going after its cause is gone."};

constexpr AwsPassage kSameName = {
    "Secrets Manager User Guide, \"Troubleshoot AWS Secrets Manager replication\"",
    "A secret with the same name exists in the selected Region: retry the replication, and choose "
    "to overwrite the secret that is there."};
constexpr AwsPassage kKeyPermissions = {
    "Secrets Manager User Guide, \"Troubleshoot AWS Secrets Manager replication\"",
    "Secrets Manager decrypts the secret before it encrypts it with the key of the replica's "
    "Region: it takes kms:Decrypt on the key in the primary's Region, and kms:GenerateDataKey and "
    "kms:Encrypt on a replica's key that is not aws/secretsmanager."};
constexpr AwsPassage kNotEnabled = {
    "Secrets Manager User Guide, \"Troubleshoot AWS Secrets Manager replication\"",
    "The Region where replication is to occur has to be enabled for the account first."};

struct Row {
  std::string_view id;
  const AwsPassage* passage;
};
constexpr std::array kRows = {
    Row{"S01",               &kVersions      },
    Row{"S02",               &kVersions      },
    Row{"S03",               &kVersions      },
    Row{"S04",               &kPut           },
    Row{"S05",               &kReplicate     },
    Row{"S06",               &kReplicate     },
    Row{"S07",               &kStatus        },
    Row{"S08",               &kPut           },
    Row{"S09",               &kPut           },
    Row{"S10",               &kPut           },
    Row{"S11",               &kPromote       },
    Row{"S12",               &kPromote       },
    Row{"S13",               &kPromote       },
    Row{"S14",               &kReadOnly      },
    Row{"S15",               &kRemove        },
    Row{"S16",               &kRemove        },
    Row{"S17",               &kDelete        },
    Row{"S18",               &kDelete        },
    Row{"S19",               &kStatus        },
    Row{"S20",               &kTroubleshoot  },
    Row{"S21",               &kTroubleshoot  },
    Row{"S22",               &kStatus        },
    Row{"S23",               &kTroubleshoot  },
    Row{"S24",               &kEncryption    },
    Row{"S25",               &kEncryption    },
    Row{"S26",               &kRegionalKey   },
    Row{"S27",               &kEncryption    },
    Row{"S28",               &kEncryption    },
    Row{"S29",               &kKeyStates     },
    Row{"S30",               &kChangeKey     },
    Row{"S31",               &kEventual      },
    Row{"S32",               &kEventual      },
    Row{"S33",               &kStatus        },
    Row{"S34",               &kEventual      },
    Row{"S35",               &kTrail         },
    Row{"S38",               &kRetry         },
    Row{"L01",               &kReplicate     },
    Row{"L02",               &kStatus        },
    Row{"L03",               &kTroubleshoot  },
    Row{"L04",               &kRemove        },
    Row{"L05",               &kRetry         },
    Row{"L06",               &kDisaster      },
    Row{"STATUS-INPROGRESS", &kStatus        },
    Row{"STATUS-INSYNC",     &kStatus        },
    Row{"STATUS-FAILED",     &kTroubleshoot  },
    Row{"REASON-NAME",       &kSameName      },
    Row{"REASON-KMS",        &kKeyPermissions},
    Row{"REASON-REGION",     &kNotEnabled    },
    Row{"REASON-NETWORK",    &kTroubleshoot  },
};

}  // namespace

const AwsPassage* find_aws_passage(std::string_view id) {
  for (const Row& row : kRows) {
    if (row.id == id) return row.passage;
  }
  return nullptr;
}

std::string aws_passage_text(std::string_view id) {
  const AwsPassage* passage = find_aws_passage(id);
  if (passage == nullptr) return {};
  return std::string(passage->page).append(": ").append(passage->says);
}

}  // namespace faultline::tools
