#include "regions/region.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/hash.h"
#include "engine/simulation.h"
#include "kms/primitives.h"
#include "proto/check.h"
#include "proto/trace.pb.h"
#include "regions/api/operations.h"
#include "regions/level_kv_store.h"
#include "regions/observer.h"
#include "regions/rotation/rotator.h"
#include "regions/store_format.h"

namespace faultline::regions {
namespace {

using engine::Duration;

// Timers of the region itself have the top bit; a protocol's have the number of its life above its
// own 48 bits.
constexpr std::uint64_t kOwnTimer = std::uint64_t{1} << 63U;
constexpr std::uint64_t kCloseTimer = kOwnTimer | 1U;
constexpr std::uint64_t kReopenTimer = kOwnTimer | 2U;
constexpr std::uint64_t kPurgeTimer = kOwnTimer | 3U;
constexpr unsigned kProtocolKeyBits = 48;
constexpr std::uint64_t kLives = std::uint64_t{1} << (63U - kProtocolKeyBits);

// A store that failed is opened again after a second, then after two, four … up to a minute, and from the sixth time on in the
// background: a disk that stays broken does not keep a run going. A store that held for five minutes starts anew. All of this is ours.
constexpr int kUrgentReopenings = 5;
constexpr Duration kReopenCap = Duration::minutes(1);
constexpr Duration kHeld = Duration::minutes(5);

}  // namespace

Region::Region(engine::ActorContext& ctx, RegionSurroundings& surroundings)
    : ctx_(ctx),
      surroundings_(surroundings),
      kms_(ctx, surroundings.account, surroundings.kms, surroundings.config.kms_latency,
           surroundings.kms_troubles),
      store_(ctx),
      services_{.ctx = ctx,
                .region = surroundings.name,
                .account = surroundings.account,
                .config = surroundings.config,
                .kms = kms_,
                .store = store_,
                .replication = protocol_,
                .world_regions = surroundings.world_regions,
                .rotation_functions = surroundings.rotation_functions,
                .rotation = rotator_,
                .store_failed = [this](std::string_view message) { store_failed(message); },
                .deletions_changed = [this] { arm_purges(); }} {
  store_.set_observer(&surroundings.observer);
  kms_.set_observer(&surroundings.observer);
}

Region::~Region() = default;

// ---- the front door -----------------------------------------------------------------------------

void Region::call(Caller caller, v1::ApiRequest request, Reply reply) {
  ctx_.spawn(serve(std::move(caller), std::move(request), std::move(reply)));
}

engine::Task<void> Region::serve(Caller caller, v1::ApiRequest request, Reply reply) {
  if (!region_enabled()) {
    // AWS Account Management Reference: credentials are not valid in a region that is not enabled.
    reply(tl::make_unexpected(Error{"UnrecognizedClientException",
                                    "The security token included in the request is invalid."}));
    co_return;
  }
  if (!store_.is_open()) {
    reply(tl::make_unexpected(internal_service_error()));
    co_return;
  }
  auto answer = co_await api::dispatch(services_, std::move(caller), std::move(request));
  reply(std::move(answer));
}

void Region::rotation_answered(std::uint64_t invocation, const std::optional<Error>& error) {
  if (rotator_ != nullptr && store_.is_open()) rotator_->answered(invocation, error);
}

// ---- life ---------------------------------------------------------------------------------------

void Region::on_start() { open(); }

void Region::on_message(const engine::Message& message) {
  if (protocol_ == nullptr) return;
  const std::string& from = ctx_.simulation().context(message.from).name();
  const std::size_t size = std::max(message.body.size(), kFrameCodeBytes) - kFrameCodeBytes;
  const std::string_view body = message.body.substr(0, size);
  const std::string code = frame_code(from, surroundings_.name, message.type, body);
  if (!kms::equal_constant_time(message.body.substr(size), code)) {
    ctx_.record({.kind = v1::MESSAGE_DROPPED,
                 .peer = message.from,
                 .number = message.id,
                 .digest = engine::hash64(message.body),
                 .verb = message.type,
                 .outcome = "damaged"});
    return;
  }
  if (surroundings_.observer != nullptr)
    surroundings_.observer->on_delivery({from, surroundings_.name, message.type, body});
  protocol_->on_message(from, message.type, body);
}

void Region::on_timer(std::uint64_t key) {
  if ((key & kOwnTimer) == 0) {
    const bool is_current = key >> kProtocolKeyBits == protocol_life_ % kLives;
    if (is_current && protocol_ != nullptr)
      protocol_->on_timer(key & ((std::uint64_t{1} << kProtocolKeyBits) - 1));
    return;
  }
  if ((key & kRotationTimer) == kRotationTimer) {
    if (rotator_ != nullptr) rotator_->on_timer(key & ~kRotationTimer);
    return;
  }
  if (key == kCloseTimer) close();
  if (key == kReopenTimer) open();
  if (key == kPurgeTimer) purge_what_is_due();
}

void Region::open() {
  auto kv = LevelKvStore::open(ctx_.disk_env());
  if (!kv) return store_failed(kv.error().message);
  const auto format =
      check_store_format(**kv, surroundings_.old_binaries > 0 ? kStoreFormatBefore : kStoreFormat);
  if (!format) return store_failed(format.error().message);
  store_.open(std::move(*kv));
  ++protocol_life_;
  if (protocol_life_ > 1) ctx_.record({.kind = v1::STORE_REOPENED});
  if (surroundings_.observer != nullptr) surroundings_.observer->on_store(surroundings_.name, true);
  protocol_ = surroundings_.protocol(*this);
  protocol_->recover();
  arm_purges();
  rotator_ = std::make_unique<Rotator>(services_);
  rotator_->recover();
}

// The store closes at once, so that nothing is built on it any more. The protocol may be on the
// stack; it goes in a turn of its own.
void Region::store_failed(std::string_view message) {
  if (protocol_ != nullptr && !store_.is_open()) return;
  ctx_.record({.kind = v1::STORE_FAILED, .text = message});
  store_.close();
  if (surroundings_.observer != nullptr)
    surroundings_.observer->on_store(surroundings_.name, false);
  ctx_.set_timer(Duration::zero(), kCloseTimer);
}

void Region::close() {
  protocol_.reset();
  rotator_.reset();
  if (ctx_.now() - last_closing_ > kHeld) closings_ = 0;
  last_closing_ = ctx_.now();
  Duration wait = Duration::seconds(1);
  for (int before = 0; before < closings_ && wait < kReopenCap; ++before) wait = wait + wait;
  ++closings_;
  const bool urgent = closings_ <= kUrgentReopenings;
  ctx_.set_timer(std::min(wait, kReopenCap), kReopenTimer,
                 urgent ? engine::TimerClass::Foreground : engine::TimerClass::Background);
}

// ---- deletions ----------------------------------------------------------------------------------

void Region::arm_purges() {
  if (purge_timer_ != 0) ctx_.cancel_timer(purge_timer_);
  purge_timer_ = 0;
  const auto secrets = store_.secrets();
  if (!secrets) return store_failed(secrets.error().message);
  std::optional<std::int64_t> earliest;
  for (const v1::StoredSecret& secret : *secrets) {
    if (!secret.has_deletion_unix_ns()) continue;
    earliest = std::min(earliest.value_or(secret.deletion_unix_ns()), secret.deletion_unix_ns());
  }
  if (!earliest) return;
  const std::int64_t wait_ns = std::max<std::int64_t>(0, *earliest - ctx_.wall_unix_ns());
  purge_timer_ =
      ctx_.set_timer(Duration::nanos(wait_ns), kPurgeTimer, engine::TimerClass::Background);
}

void Region::purge_what_is_due() {
  purge_timer_ = 0;
  const auto secrets = store_.secrets();
  if (!secrets) return store_failed(secrets.error().message);
  for (const v1::StoredSecret& secret : *secrets) {
    if (!secret.has_deletion_unix_ns() || secret.deletion_unix_ns() > ctx_.wall_unix_ns()) continue;
    Transaction transaction("purge");
    transaction.erase_secret(secret.name());
    const auto committed = store_.commit(std::move(transaction));
    if (!committed) return store_failed(committed.error().message);
    ctx_.record({.kind = v1::SECRET_PURGED,
                 .subject = secret.name(),
                 .text = "its recovery window is over"});
  }
  arm_purges();
}

// ---- what the protocol sees ---------------------------------------------------------------------

const std::string& Region::region() const { return surroundings_.name; }
bool Region::region_enabled() const { return surroundings_.account.is_enabled(surroundings_.name); }
const ServiceConfig& Region::config() const { return surroundings_.config; }
engine::ActorContext& Region::context() { return ctx_; }
SecretStore& Region::store() { return store_; }
KmsGateway& Region::kms() { return kms_; }

bool Region::has_region(std::string_view region) const {
  const auto& regions = surroundings_.world_regions;
  return std::find(regions.begin(), regions.end(), region) != regions.end();
}

void Region::send(std::string_view region, std::string_view type, std::string body) {
  const auto to = ctx_.simulation().find(region);
  if (!to) return;
  if (surroundings_.observer != nullptr)
    surroundings_.observer->on_message({surroundings_.name, region, type, body});
  body += frame_code(surroundings_.name, region, type, body);
  ctx_.send(*to, type, std::move(body));
}

engine::TimerId Region::set_timer(Duration after, std::uint64_t key,
                                  engine::TimerClass timer_class) {
  FL_CHECK(key >> kProtocolKeyBits == 0) << "a protocol's timer keys have 48 bits";
  return ctx_.set_timer(after, (protocol_life_ % kLives) << kProtocolKeyBits | key, timer_class);
}

void Region::cancel_timer(engine::TimerId timer) { ctx_.cancel_timer(timer); }

const kms::SecretBytes& Region::channel_key(std::string_view from, std::string_view to) {
  std::string direction = "channel/" + std::string(from) + ">" + std::string(to);
  auto found = channel_keys_.find(direction);
  if (found == channel_keys_.end()) {
    auto key = kms::hkdf_sha256(surroundings_.channel_root.chars(), {}, direction, kms::kKeyBytes);
    found = channel_keys_.emplace(std::move(direction), std::move(key)).first;
  }
  return found->second;
}

std::string Region::frame_code(std::string_view from, std::string_view to, std::string_view type,
                               std::string_view body) {
  std::string direction = "frame/" + std::string(from) + ">" + std::string(to);
  auto found = frame_keys_.find(direction);
  if (found == frame_keys_.end()) {
    const auto key =
        kms::hkdf_sha256(surroundings_.channel_root.chars(), {}, direction, kms::kKeyBytes);
    found = frame_keys_.emplace(std::move(direction), kms::Hmac(key)).first;
  }
  const std::string typed = std::string(type) + '\0';
  return found->second.digest(typed, body).substr(0, kFrameCodeBytes);
}

Duration Region::sync_time() { return ctx_.disk().sync_cost(); }

}  // namespace faultline::regions
