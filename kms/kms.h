// Kms: the AWS Key Management Service of one region in one account.
//
//   Kms kms("111122223333", "us-west-2", environment);
//   const Caller alice{.principal_arn = "arn:aws:iam::111122223333:user/alice"};
//   FL_TRY(auto key, kms.create_key({.alias = "alias/replica"}));
//   FL_TRY(auto data_key, kms.generate_data_key(alice, "alias/replica", context));
//   FL_TRY(auto opened, kms.decrypt(alice, data_key.blob, context));
//   // opened.plaintext == data_key.plaintext, opened.key_arn == key.arn
//
// What it is   Plain and synchronous: a call takes no time. Whoever wants it slow, throttled or
// down
//              does that around it, or with fail_all. Symmetric keys with backing-key history,
//              aliases, states, key policies, and the AWS managed key aws/secretsmanager, which is
//              made when it is first named. No grants, no multi-Region keys, no automatic rotation.
// State        Keys and aliases, all of it in snapshot(). It sees no store and no clock but through
//              Environment, and sets no timer: a key whose deletion date has come is removed by
//              the next call.
// Checks       in this order: a fault that fails everything; the shape of the request; the key
//              exists; the caller may; the key's state; the ciphertext. AWS does not document its
//              order, so this one is ours. Decrypt has its own, see there.
// Cost         A new Kms allocates next to nothing and draws no luck; ciphers are keyed at their
//              first use and then kept.
// Threads      One object belongs to one thread; objects share nothing.
// Determinism  A function of the calls, the clock and the environment's luck.
// Source       AWS KMS API Reference, a page for each operation; AWS KMS Developer Guide, "Key
//              states of AWS KMS keys" for which operation works in which state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kms/envelope.h"
#include "kms/environment.h"
#include "kms/error.h"
#include "kms/identifiers.h"
#include "kms/secret_bytes.h"

namespace faultline::v1 {
enum KeyState : int;
class Policy;
class KmsSnapshot;
}  // namespace faultline::v1

namespace faultline::kms {

class FaultOverlays;
class KeyStore;
struct BackingKey;
struct Key;

// The alias of the AWS managed key for secrets. The key exists from the moment somebody names this
// alias.
inline constexpr std::string_view kManagedAlias = "alias/aws/secretsmanager";

// Who calls.
struct Caller {
  // A user, a role session or the account's root. Empty: the root of the KMS's account.
  std::string principal_arn{};
  // "secretsmanager.us-west-2.amazonaws.com" when Secrets Manager calls for the principal
  // (kms:ViaService); empty for a direct call.
  std::string via_service{};
};

struct CreateKey {
  std::string description{};              // at most 8192 bytes
  const v1::Policy* policy = nullptr;  // copied; null: the default key policy
  // Also gives the key this alias, as CreateAlias would; empty: none. Ours: a scenario names its
  // keys by alias, and then a key's luck hangs on its name and not on how many keys were made
  // before it.
  std::string alias{};
};

// AWS KMS API Reference, "KeyMetadata".
struct KeyMetadata {
  std::string key_id;
  std::string arn;
  std::string description;
  v1::KeyState state{};  // as it appears, faults included
  std::int64_t created_unix_ns = 0;
  std::int64_t deletion_unix_ns = 0;  // 0 unless the key itself waits for its deletion
  bool aws_managed = false;
  std::string current_key_material_id;  // 64 hex digits
};

// AWS KMS API Reference, "AliasListEntry".
struct AliasEntry {
  std::string name;  // with "alias/"
  std::string arn;
  std::string target_key_id;
  std::int64_t created_unix_ns = 0;
  std::int64_t updated_unix_ns = 0;
};

class Kms {
 public:
  // `environment` outlives this object. `suite` decides how new blobs are made; blobs of both
  // suites open.
  Kms(std::string account, std::string region, Environment& environment,
      WrapSuite suite = WrapSuite::Simulation);
  ~Kms();
  Kms(Kms&&) noexcept;
  Kms& operator=(Kms&&) noexcept;

  [[nodiscard]] const Place& place() const { return place_; }

  // ---- keys -------------------------------------------------------------------------------------
  // Here and below `key` is a key id or a key ARN; where a parameter is called `key_or_alias`, an
  // alias or its ARN does too. Then the errors of parse_key_reference may come, and
  // NotFoundException `Key '<arn>' does not exist` or `Alias <arn> is not found.` Management is not
  // checked against the key policy, except that the AWS managed key is not the user's to change:
  // that is AccessDeniedException. Whoever takes such calls from strangers asks authorize() first.

  // Errors  ValidationException, MalformedPolicyDocumentException, LimitExceededException, and
  //         those of create_alias.
  [[nodiscard]] Result<KeyMetadata> create_key(const CreateKey& request);
  [[nodiscard]] Result<KeyMetadata> describe_key(std::string_view key_or_alias);
  // Every key that exists, by key id.
  [[nodiscard]] Result<std::vector<KeyMetadata>> list_keys();

  // The key's ARN. Naming kManagedAlias makes that key if there is none.
  [[nodiscard]] Result<std::string> resolve(std::string_view key_or_alias);

  // Both are idempotent. KMSInvalidStateException while the key waits for its deletion.
  [[nodiscard]] Result<void> enable_key(std::string_view key);
  [[nodiscard]] Result<void> disable_key(std::string_view key);

  // The key waits `days` (7 to 30), then is gone with its aliases. Its state is PendingDeletion
  // meanwhile and no ciphertext opens.
  [[nodiscard]] Result<KeyMetadata> schedule_key_deletion(std::string_view key, int days = 30);
  // The key is Disabled afterwards, not Enabled.
  [[nodiscard]] Result<KeyMetadata> cancel_key_deletion(std::string_view key);

  // A new backing key encrypts from now on; the old ones still open what they sealed. At most 25
  // times (LimitExceededException).
  [[nodiscard]] Result<KeyMetadata> rotate_key_on_demand(std::string_view key);

  // The caller can lock himself out: the lockout safety check of AWS is always bypassed here.
  [[nodiscard]] Result<void> put_key_policy(std::string_view key, const v1::Policy& policy);
  [[nodiscard]] Result<v1::Policy> get_key_policy(std::string_view key);

  // Whether the key's policy, and the denials that faults lay over it, let the caller do this.
  // AccessDeniedException if not.
  [[nodiscard]] Result<void> authorize(const Caller& caller, std::string_view key_or_alias,
                                       std::string_view action);

  // ---- aliases ----------------------------------------------------------------------------------
  // Names have the prefix "alias/" and at most 256 of the characters a-z A-Z 0-9 : / _ -
  // (ValidationException). Those under "alias/aws/" are Amazon's (NotAuthorizedException without
  // text).

  // Errors  AlreadyExistsException; LimitExceededException at 50 aliases of one key;
  //         KMSInvalidStateException while the key waits for its deletion.
  [[nodiscard]] Result<void> create_alias(std::string_view alias, std::string_view key);
  // Old blobs name their key and open as before.
  [[nodiscard]] Result<void> update_alias(std::string_view alias, std::string_view key);
  [[nodiscard]] Result<void> delete_alias(std::string_view alias);
  // By name; of one key, or of all when `key` is empty.
  [[nodiscard]] Result<std::vector<AliasEntry>> list_aliases(std::string_view key = {});

  // ---- cryptography -----------------------------------------------------------------------------
  // Errors of all: AccessDeniedException (`User: <arn> is not authorized to perform: <action> on
  // resource: <arn> …`), DisabledException `<arn> is disabled.`, KMSInvalidStateException `<arn> is
  // pending deletion.`, ValidationException.

  struct DataKey {
    SecretBytes plaintext;
    std::string blob;
    std::string key_arn;
  };
  struct Ciphertext {
    std::string blob;
    std::string key_arn;
  };
  struct Plaintext {
    SecretBytes plaintext;
    std::string key_arn;
  };

  // A fresh key of `bytes` (1 to 1024; 32 is AES_256), in the clear and wrapped. Needs
  // kms:GenerateDataKey.
  // Luck  "data-key/<SecretARN>/<SecretVersionId>" when the context has these two; otherwise
  //       "data-key/" and the canonical context.
  [[nodiscard]] Result<DataKey> generate_data_key(const Caller& caller,
                                                  std::string_view key_or_alias,
                                                  const EncryptionContext& context,
                                                  std::size_t bytes = kKeyBytes);

  // `plaintext` has 1 to 4096 bytes. Needs kms:Encrypt.
  [[nodiscard]] Result<Ciphertext> encrypt(const Caller& caller, std::string_view key_or_alias,
                                           const EncryptionContext& context,
                                           std::string_view plaintext);

  // Opens a blob of this region's keys. `key_or_alias` is optional: the blob names its key. Needs
  // kms:Decrypt.
  // Order   (1) the blob has the right shape, else InvalidCiphertextException; (2) its key is here,
  //         else AccessDeniedException `The ciphertext refers to …`; (3) the key that was named is
  //         this one, else IncorrectKeyException; (4) the caller may; (5) the state; (6) blob and
  //         context are genuine, else InvalidCiphertextException, without text as in (1).
  [[nodiscard]] Result<Plaintext> decrypt(const Caller& caller, std::string_view blob,
                                          const EncryptionContext& context,
                                          std::string_view key_or_alias = {});

  // Decrypts as above, then encrypts under another key or context; the plaintext stays inside.
  // Needs kms:ReEncryptFrom on the key of the blob and kms:ReEncryptTo on the destination.
  [[nodiscard]] Result<Ciphertext> re_encrypt(const Caller& caller, std::string_view blob,
                                              const EncryptionContext& source_context,
                                              std::string_view destination_key_or_alias,
                                              const EncryptionContext& destination_context,
                                              std::string_view source_key_or_alias = {});

  // ---- faults -----------------------------------------------------------------------------------
  // An overlay lies over keys and policies and leaves them as they are, so that lifting it is exact
  // whatever happened meanwhile and in whatever order overlays end. One id may carry several;
  // lift() takes all of that id. Overlays are not part of the snapshot and survive restore().
  //
  // A target is a key id, a key ARN, an alias or its ARN, and empty for every key. It may be named
  // before it exists. An alias means the key that it points to when the overlay is laid, or else
  // the first one that it comes to point to; pointing it elsewhere is then a way out of the fault.

  // An explicit deny for one principal (as written in a policy; empty: everyone) and some actions
  // (with wildcards; none: all).
  void deny(std::uint64_t overlay_id, std::string_view target, std::string_view principal,
            const std::vector<std::string>& actions);

  // The key appears in this state: Disabled, PendingDeletion or Deleted. Where several claims meet,
  // the key's own state among them, the worst holds. A Deleted key is not there at all, nor are its
  // aliases, though their names stay taken. Operations are judged by what the key appears to be and
  // change what it is: CancelKeyDeletion on a key that only appears pending leaves it Disabled.
  void force_state(std::uint64_t overlay_id, std::string_view target, v1::KeyState state);

  // Whoever could use the key no longer can: what is asked of authorize() is still granted, and the
  // use itself answers AccessDeniedException, as when a grant is revoked in between.
  void revoke(std::uint64_t overlay_id, std::string_view target);

  // The key cannot be named: by its id, ARN or alias it is NotFoundException. What it has encrypted
  // can still be decrypted.
  void hide_name(std::uint64_t overlay_id, std::string_view target);

  // Every call above answers this error. Of several the lowest overlay id speaks.
  void fail_all(std::uint64_t overlay_id, Error error);

  // Ends it. An id that is not there is nothing.
  void lift(std::uint64_t overlay_id);

  // ---- state ------------------------------------------------------------------------------------

  // Everything that must be remembered: keys and aliases in a fixed order, so that equal states
  // give equal bytes. Holds key material in the clear: it is the inside of the HSM.
  [[nodiscard]] v1::KmsSnapshot snapshot() const;
  // Becomes what the snapshot says. KMSInternalException, and nothing changed, when it contradicts
  // itself or belongs elsewhere.
  [[nodiscard]] Result<void> restore(const v1::KmsSnapshot& snapshot);

 private:
  Result<void> begin_call();
  v1::KeyState state_of(const Key& key) const;
  Key* find(std::string_view key_id);
  Result<Key*> lookup(std::string_view text, AcceptAliases aliases);
  Result<Key*> lookup_to_change(std::string_view text, std::string_view action);
  Result<Key*> lookup_to_use(const Caller& caller, std::string_view text, std::string_view action);
  Result<void> may(const Caller& caller, const Key& key, std::string_view action) const;
  Result<void> may_use(const Caller& caller, const Key& key, std::string_view action) const;
  Result<void> require_enabled(const Key& key) const;
  Result<void> require_not_pending(const Key& key) const;
  Result<void> check_room_for_alias(const Key& key) const;

  KeyMetadata describe(const Key& key) const;
  Key& make_key(std::string_view luck, std::string_view description, v1::Policy policy,
                bool aws_managed);
  void make_managed_key();
  void add_backing_key(Key& key);
  void point_alias(std::string_view alias, const Key& key);
  FaultOverlays& overlays();

  BackingCipher& cipher_of(const Key& key, BackingKey& backing) const;
  std::string wrap(Key& key, const EncryptionContext& context, std::string_view plaintext);
  Result<Plaintext> open(const Caller& caller, std::string_view blob,
                         const EncryptionContext& context, std::string_view key_or_alias,
                         std::string_view action);

  Place place_;
  Environment* environment_;
  WrapSuite suite_;
  std::unique_ptr<KeyStore> store_;
  std::unique_ptr<FaultOverlays> overlays_;  // null while there is none
};

}  // namespace faultline::kms
