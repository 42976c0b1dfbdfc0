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
//              down does that around it, or with fail_all. Symmetric keys with backing-key history,
//              aliases, tags, states, key policies, grants, rotation, multi-Region keys, and the
//              AWS managed key aws/secretsmanager, which is made when it is first named.
// State        Keys with their grants, and aliases, all of it in snapshot(). It sees no store and no
//              clock but through Environment, and sets no timer: what is due (a deletion, a
//              rotation, the end of a grant) is done by the next call, with the date at which it
//              was due.
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
#include "kms/kms_types.h"
#include "kms/secret_bytes.h"

namespace faultline::v1 {
enum KeyState : int;
class KmsSnapshot;
class Policy;
class StoredKey;
}  // namespace faultline::v1

namespace faultline::kms {

class FaultOverlays;
class KeyStore;
enum class Operation : std::uint8_t;
struct AccessQuestion;
struct BackingKey;
struct Key;

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
  // NotFoundException `Key '<arn>' does not exist` or `Alias <arn> is not found.` What a key's state
  // forbids is DisabledException or KMSInvalidStateException, as kms/key_states.h says.
  //
  // Operations that take a Caller ask the key's policy and its grants. The others, which manage
  // keys, do not, except that the AWS managed key is not the user's to change: that is
  // AccessDeniedException. Whoever takes such calls from strangers asks authorize() first.

  // Errors  ValidationException, MalformedPolicyDocumentException, LimitExceededException (100,000
  //         keys), TagException, and those of create_alias.
  [[nodiscard]] Result<KeyMetadata> create_key(const CreateKey& request);
  [[nodiscard]] Result<KeyMetadata> describe_key(std::string_view key_or_alias);
  // Every key that exists, by key id.
  [[nodiscard]] Result<std::vector<KeyMetadata>> list_keys();
  [[nodiscard]] Result<void> update_key_description(std::string_view key,
                                                    std::string_view description);

  // The key's ARN. Naming kManagedAlias makes that key if there is none.
  [[nodiscard]] Result<std::string> resolve(std::string_view key_or_alias);
  // The ARN of the key that a blob names. Errors as (1) and (2) of decrypt.
  [[nodiscard]] Result<std::string> key_of_blob(std::string_view blob);

  // Both are idempotent. Enabling a key whose rotation is overdue rotates it.
  [[nodiscard]] Result<void> enable_key(std::string_view key);
  [[nodiscard]] Result<void> disable_key(std::string_view key);

  // The key waits `days` (7 to 30), then is gone with its aliases. Its state is PendingDeletion
  // meanwhile and no ciphertext opens. A multi-Region primary key with replicas is
  // PendingReplicaDeletion, without a date, until replica_deleted has told it of the last one.
  [[nodiscard]] Result<KeyMetadata> schedule_key_deletion(std::string_view key, int days = 30);
  // The key is Disabled afterwards, not Enabled.
  [[nodiscard]] Result<KeyMetadata> cancel_key_deletion(std::string_view key);

  // ---- policies and tags ------------------------------------------------------------------------

  // `policy` has statements, or a document in JSON, or both when they say the same; a document comes
  // back to the letter. Errors  MalformedPolicyDocumentException (no policy, or the keeper would be
  // locked out); LimitExceededException beyond 32 KiB; UnsupportedOperationException for a name
  // other than "default".
  [[nodiscard]] Result<void> put_key_policy(std::string_view key, const v1::Policy& policy,
                                            const PutKeyPolicy& options = {});
  // NotFoundException `No such policy exists` for another name.
  [[nodiscard]] Result<v1::Policy> get_key_policy(std::string_view key,
                                                  std::string_view name = kPolicyName);
  // The same as a JSON document: the one that was put, or else one made from the statements.
  [[nodiscard]] Result<std::string> get_key_policy_document(std::string_view key,
                                                            std::string_view name = kPolicyName);
  [[nodiscard]] Result<std::vector<std::string>> list_key_policies(std::string_view key);

  // At most 50 tags a key; keys that begin with "aws:" are Amazon's. TagException.
  [[nodiscard]] Result<void> tag_resource(std::string_view key, const std::vector<Tag>& tags);
  [[nodiscard]] Result<void> untag_resource(std::string_view key,
                                            const std::vector<std::string>& tag_keys);
  // In the order in which they came.
  [[nodiscard]] Result<std::vector<Tag>> list_resource_tags(std::string_view key);

  // ---- who may ----------------------------------------------------------------------------------
  struct Question {
    const EncryptionContext* context = nullptr;  // null: the call has none
    const std::vector<std::string>* grant_tokens = nullptr;
  };
  // Whether the caller may do this ("kms:Decrypt") with the key, and on what ground: its policy and
  // the caller's own (kms/policy_decision.h), or else a grant. An explicit Deny, a fault's among
  // them, wins over everything. AccessDeniedException if not.
  [[nodiscard]] Result<Basis> authorize(const Caller& caller, std::string_view key_or_alias,
                                        std::string_view action, const Question& question);
  [[nodiscard]] Result<Basis> authorize(const Caller& caller, std::string_view key_or_alias,
                                        std::string_view action);

  // ---- grants -----------------------------------------------------------------------------------
  // A grant works from its creation plus the propagation time on, with its token at once; after its
  // end it works for the propagation time more.

  // 0 by default, and at least 0. A setting, no state: not in the snapshot.
  void set_grant_propagation(std::int64_t ns);

  // Needs kms:CreateGrant. A caller who has it only by a grant gives no more than that grant does:
  // its operations, and constraints at least as strict.
  // Errors  ValidationException, InvalidGrantTokenException, LimitExceededException (50,000 grants
  //         of one key).
  [[nodiscard]] Result<GrantReceipt> create_grant(const Caller& caller, std::string_view key,
                                                  const CreateGrant& request,
                                                  const CallOptions& options = {});
  // By grant id; those that have ended are not listed. An empty filter lets all pass.
  struct GrantFilter {
    std::string_view grant_id{};
    std::string_view grantee_principal{};
  };
  [[nodiscard]] Result<std::vector<GrantEntry>> list_grants(std::string_view key,
                                                            const GrantFilter& filter);
  [[nodiscard]] Result<std::vector<GrantEntry>> list_grants(std::string_view key);
  [[nodiscard]] Result<std::vector<GrantEntry>> list_retirable_grants(
      std::string_view retiring_principal);
  // For the retiring principal, the grantee when the grant has RetireGrant, and the root of the
  // account that issued it; no policy helps.
  [[nodiscard]] Result<void> retire_grant(const Caller& caller, const RetireGrant& request,
                                          const CallOptions& options = {});
  // Needs kms:RevokeGrant by policy. InvalidGrantIdException when there is no such grant.
  [[nodiscard]] Result<void> revoke_grant(const Caller& caller, std::string_view key,
                                          std::string_view grant_id,
                                          const CallOptions& options = {});

  // ---- rotation ---------------------------------------------------------------------------------
  // A new backing key encrypts from now on; the old ones still open what they sealed. Of a
  // multi-Region key with replicas the new material is pending until activate_material.
  // UnsupportedOperationException for a replica: the primary decides.

  // At most 25 times (LimitExceededException). ConflictException while new material is pending, and
  // when an automatic rotation is due within 20 minutes.
  [[nodiscard]] Result<KeyMetadata> rotate_key_on_demand(std::string_view key);
  // Every 90 to 2560 days from now on. Again with the same period changes nothing.
  [[nodiscard]] Result<void> enable_key_rotation(std::string_view key, int period_days = 365);
  [[nodiscard]] Result<void> disable_key_rotation(std::string_view key);
  [[nodiscard]] Result<RotationStatus> get_key_rotation_status(std::string_view key);
  // Oldest first; with the first and the pending material if `all_key_material`.
  [[nodiscard]] Result<std::vector<Rotation>> list_key_rotations(std::string_view key,
                                                                 bool all_key_material = false);

  // ---- multi-Region keys ------------------------------------------------------------------------
  // One Kms knows its own region only. A coordinator takes what is shared from one to the others:
  //
  //   ReplicateKey          begin_replication at the primary → create_replica there → …some seconds…
  //                         → finish_creating there; then sync. (Undo: replica_deleted.)
  //   UpdatePrimaryRegion   begin_update_primary at both → shared_part of the old one, apply_shared
  //                         at the new one → finish_update_primary at both, then sync the others.
  //   sync                  after each of these, after a rotation, and after a change of the rotation
  //                         setting or of the related keys: shared_part of the primary, apply_shared
  //                         at every replica.
  //   new material          sync; when every replica has it, activate_material at the primary and at
  //                         the replicas, in any order: all open what any of them seals.
  //   deletion              when a replica is gone, replica_deleted at the primary; then sync.

  // Keys of this region that are the primary of replicas, with needs_activation when one has
  // pending material. By key id.
  struct Primary {
    std::string key_id;
    std::vector<std::string> replica_regions;
    bool needs_activation = false;
  };
  [[nodiscard]] std::vector<Primary> primaries() const;
  // What related keys have in common: id, material of all ages, rotation, where they are. Holds
  // material in the clear.
  [[nodiscard]] Result<v1::StoredKey> shared_part(std::string_view key) const;

  // At the primary. The new region is listed at once. UnsupportedOperationException `<arn> is not a
  // multi-region primary key.`; AlreadyExistsException.
  [[nodiscard]] Result<v1::StoredKey> begin_replication(std::string_view key,
                                                        std::string_view replica_region);
  // In the replica's region: a key that is Creating. AlreadyExistsException when there is one of that
  // id, whatever its state.
  [[nodiscard]] Result<KeyMetadata> create_replica(const CreateReplica& request);
  [[nodiscard]] Result<void> finish_creating(std::string_view key);

  // At the primary and at the region that is to become it; both are Updating then. Errors of the
  // state; at the primary also UnsupportedOperationException, and NotFoundException when that region
  // has no replica. cancel_update_primary takes it back.
  [[nodiscard]] Result<void> begin_update_primary(std::string_view key,
                                                  std::string_view new_primary_region,
                                                  std::int64_t until_unix_ns = 0);
  [[nodiscard]] Result<void> finish_update_primary(std::string_view key,
                                                   std::string_view new_primary_region);
  [[nodiscard]] Result<void> cancel_update_primary(std::string_view key);

  // At a replica: takes over what is new. Nothing is forgotten, and material that is in use here
  // stays in use, so that old news does no harm.
  [[nodiscard]] Result<void> apply_shared(const v1::StoredKey& shared);
  // Pending material encrypts from now on. Nothing pending is no error.
  [[nodiscard]] Result<void> activate_material(std::string_view key);
  // At the primary: there is no replica in that region any more, or it never came to be.
  [[nodiscard]] Result<void> replica_deleted(std::string_view key, std::string_view region);

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

  // key_material_id_of(blob) is KeyMaterialId, here and below.
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
  struct ReEncrypted {
    std::string blob;
    std::string key_arn;
    std::string source_key_arn;
  };

  // A fresh key of `bytes` (1 to 1024; 32 is AES_256), in the clear and wrapped. Needs
  // kms:GenerateDataKey.
  // Luck  "data-key/<SecretARN>/<SecretVersionId>" when the context has these two; otherwise
  //       "data-key/" and the canonical context.
  [[nodiscard]] Result<DataKey> generate_data_key(const Caller& caller,
                                                  std::string_view key_or_alias,
                                                  const EncryptionContext& context,
                                                  std::size_t bytes = kKeyBytes,
                                                  const CallOptions& options = {});
  // The same, wrapped only. Needs kms:GenerateDataKeyWithoutPlaintext.
  [[nodiscard]] Result<Ciphertext> generate_data_key_without_plaintext(
      const Caller& caller, std::string_view key_or_alias, const EncryptionContext& context,
      std::size_t bytes = kKeyBytes, const CallOptions& options = {});

  // 1 to 1024 bytes that nobody can guess. Luck "random".
  [[nodiscard]] Result<SecretBytes> generate_random(std::size_t bytes);

  // `plaintext` has 1 to 4096 bytes. Needs kms:Encrypt.
  [[nodiscard]] Result<Ciphertext> encrypt(const Caller& caller, std::string_view key_or_alias,
                                           const EncryptionContext& context,
                                           std::string_view plaintext,
                                           const CallOptions& options = {});

  // Opens a blob of this region's keys. `key_or_alias` is optional: the blob names its key. Needs
  // kms:Decrypt.
  // Order   (1) the blob has the right shape, else InvalidCiphertextException; (2) its key is here,
  //         else AccessDeniedException `The ciphertext refers to …`; (3) the key that was named is
  //         this one, else IncorrectKeyException; (4) the caller may; (5) the state; (6) blob and
  //         context are genuine, else InvalidCiphertextException, without text as in (1).
  [[nodiscard]] Result<Plaintext> decrypt(const Caller& caller, std::string_view blob,
                                          const EncryptionContext& context,
                                          std::string_view key_or_alias = {},
                                          const CallOptions& options = {});

  // Decrypts as above, then encrypts under another key or context; the plaintext stays inside.
  // Needs kms:ReEncryptFrom on the key of the blob and kms:ReEncryptTo on the destination.
  [[nodiscard]] Result<ReEncrypted> re_encrypt(const Caller& caller, std::string_view blob,
                                               const EncryptionContext& source_context,
                                               std::string_view destination_key_or_alias,
                                               const EncryptionContext& destination_context,
                                               std::string_view source_key_or_alias = {},
                                               const CallOptions& options = {});

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

  // The key appears in this state: Disabled, Unavailable, PendingDeletion or Deleted. Where several claims meet,
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

  // Has moved whenever snapshot() would give something else than before. Starts anew with each
  // object.
  [[nodiscard]] std::uint64_t changes() const;

  // When the next thing is due that somebody has asked for: a deletion, an automatic rotation, the
  // end of a grant's propagation. Nothing: INT64_MAX. The yearly rotation of the AWS managed key
  // does not count, because nobody has asked for it.
  [[nodiscard]] std::int64_t next_due_unix_ns() const;
  // Does what is due now. Every call begins with it; whoever sees the state from outside calls it
  // then.
  void settle();

 private:
  Result<void> begin_call();
  v1::KeyState state_of(const Key& key) const;
  Key* find(std::string_view key_id);
  Result<Key*> lookup(std::string_view text, AcceptAliases aliases);
  Result<Key*> lookup_to_change(std::string_view text, Operation operation);
  Result<Key*> lookup_primary_to_change(std::string_view text, Operation operation);
  Result<Key*> lookup_to_use(const AccessQuestion& question, std::string_view text);
  Result<Basis> may(const AccessQuestion& question, const Key& key) const;
  Result<void> may_use(const AccessQuestion& question, const Key& key) const;
  Result<void> check_state(const Key& key, Operation operation) const;
  Result<void> check_room_for_alias(const Key& key) const;
  Result<v1::Policy> policy_of(const v1::Policy* given, const Caller* keeper,
                               std::string_view key_arn) const;

  KeyMetadata describe(const Key& key) const;
  std::string draw_key_id(std::string_view luck, bool multi_region);
  Key& add_key(std::string key_id, const CreateKey& request, v1::Policy policy);
  void make_managed_key();
  void add_backing_key(Key& key, std::int64_t unix_ns, std::string_view rotation_type);
  void rotate_while_due(Key& key, std::int64_t now_unix_ns);
  void point_alias(std::string_view alias, const Key& key);
  FaultOverlays& overlays();

  BackingCipher& cipher_of(const Key& key, BackingKey& backing) const;
  std::string wrap(Key& key, const EncryptionContext& context, std::string_view plaintext);
  Result<Key*> key_to_open(std::string_view blob, std::string_view key_or_alias,
                           const CallOptions& options);
  Result<Plaintext> open(const AccessQuestion& question, Key& key, std::string_view blob);

  Place place_;
  Environment* environment_;
  WrapSuite suite_;
  std::unique_ptr<KeyStore> store_;
  std::unique_ptr<FaultOverlays> overlays_;  // null while there is none
};

// KeyMaterialId as it is in answers: which backing key made the blob. 64 hex digits; empty when it
// is no blob.
[[nodiscard]] std::string key_material_id_of(std::string_view blob);

}  // namespace faultline::kms
