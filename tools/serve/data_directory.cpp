#include "tools/serve/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <random>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/disk_env.h"
#include "kms/environment.h"
#include "regions/level_kv_store.h"
#include "regions/store_format.h"

namespace faultline::tools {
namespace {

using regions::RegionOptStatus;
using regions::World;
using regions::WorldImage;

constexpr std::string_view kTitle = "faultline data directory";
constexpr int kClockDigits = 20;
constexpr std::int64_t kStampEveryNs = 1'000'000'000;

tl::unexpected<std::string> complaint(std::string text) { return tl::unexpected(std::move(text)); }

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || stopped != text.data() + text.size()) return {};
  return number;
}

// Of "name: value" in a line of its own.
std::optional<std::string> field(std::string_view text, std::string_view name) {
  const std::string start = fmt::format("\n{}: ", name);
  const auto found = text.find(start);
  if (found == std::string_view::npos) return std::nullopt;
  text.remove_prefix(found + start.size());
  return std::string(text.substr(0, text.find('\n')));
}

std::optional<RegionOptStatus> status_of(std::string_view text) {
  using enum RegionOptStatus;
  for (const auto status : {Disabled, Enabling, Enabled, Disabling, EnabledByDefault}) {
    if (regions::to_text(status) == text) return status;
  }
  return std::nullopt;
}

bool may_name_a_directory(const std::string& region) {
  const bool is_ours = region == "lock" || region == "format" || region == "clock";
  return !region.empty() && !is_ours && std::ranges::all_of(region, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// What a death in the middle of making one may leave, and what a file system puts there.
bool may_be_in_an_empty_one(std::string_view name) {
  return name == "lock" || name == "format.new" || name == "lost+found";
}

// Restoring a snapshot asks for neither.
class NoEnvironment final : public kms::Environment {
 public:
  [[nodiscard]] std::int64_t now_unix_ns() const override { return 0; }
  void fill_random(std::string_view, std::span<std::byte> out) override {
    std::ranges::fill(out, std::byte{0});
  }
};

std::string seconds(std::int64_t ns) {
  return fmt::format("{}.{:03} s", ns / 1'000'000'000, ns / 1'000'000 % 1000);
}

v1::DataDirectoryRegion& entry_of(v1::DataDirectoryState& state, const std::string& region) {
  for (v1::DataDirectoryRegion& entry : *state.mutable_regions()) {
    if (entry.name() == region) return entry;
  }
  state.add_regions()->set_name(region);
  std::sort(state.mutable_regions()->begin(), state.mutable_regions()->end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
  return entry_of(state, region);
}

}  // namespace

DataDirectory::Step DataDirectory::failed(const std::string& name, int error) const {
  return complaint(
      fmt::format("{}{}{}: {}", path_, name.empty() ? "" : "/", name, errno_text(error)));
}

// ---- opening ------------------------------------------------------------------------------------

Expected<std::unique_ptr<DataDirectory>, std::string> DataDirectory::open(
    const DataDirectoryOptions& options) {
  std::string path = options.path;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path.empty()) return complaint("a data directory needs a name");
  for (const std::string& region : options.regions) {
    if (may_name_a_directory(region)) continue;
    return complaint(fmt::format("{}: a region named \"{}\" cannot be kept there", path, region));
  }
  std::unique_ptr<DataDirectory> directory(new DataDirectory(std::move(path)));
  FL_TRY_VOID(directory->look(options));
  FL_TRY_VOID(directory->take_lock());
  // Another process may have made it meanwhile.
  FL_TRY_VOID(directory->look(options));
  FL_TRY_VOID(directory->check_clock(options));
  FL_TRY_VOID(directory->load(options));
  FL_TRY_VOID(directory->begin(options));
  return directory;
}

DataDirectory::~DataDirectory() {
  for (const auto& [region, backed] : regions_) {
    if (backed.files != nullptr) backed.files->retire();
  }
}

// Writes nothing but the directory itself, if there is none.
DataDirectory::Step DataDirectory::look(const DataDirectoryOptions& options) {
  if (!path_exists(path_)) {
    const auto made = make_directory(path_);
    if (!made) return failed({}, made.error());
  }
  const auto names = list_directory(path_);
  if (!names && names.error() == ENOTDIR) {
    return complaint(fmt::format("{} is not a directory", path_));
  }
  if (!names)
    return complaint(fmt::format("{} cannot be read: {}", path_, errno_text(names.error())));
  is_new_ = std::ranges::find(*names, "format") == names->end();
  if (!is_new_) return read_format(options);
  const auto foreign = std::ranges::find_if_not(*names, may_be_in_an_empty_one);
  if (foreign != names->end()) {
    return complaint(fmt::format(
        "{} is not a data directory of faultline, and not empty: it has {}", path_, *foreign));
  }
  return {};
}

DataDirectory::Step DataDirectory::read_format(const DataDirectoryOptions& options) {
  const auto text = read_file(path_ + "/format");
  if (!text) return failed("format", text.error());
  const auto version = parse_number<std::uint32_t>(field(*text, "format").value_or(""));
  if (!text->starts_with(kTitle) || !version) {
    return complaint(fmt::format("{}/format is not of a data directory of faultline", path_));
  }
  if (*version > kDataDirectoryFormat) {
    return complaint(fmt::format("{} has format {}, and this faultline knows formats up to {}",
                                 path_, *version, kDataDirectoryFormat));
  }
  const auto account = field(*text, "account");
  const auto seed = parse_number<std::uint64_t>(field(*text, "seed").value_or(""));
  if (!account || !seed) return complaint(fmt::format("{}/format is damaged", path_));
  if (*account != options.account) {
    return complaint(
        fmt::format("{} belongs to account {}, not to {}", path_, *account, options.account));
  }
  seed_ = *seed;
  return {};
}

DataDirectory::Step DataDirectory::take_lock() {
  auto file = open_file(path_ + "/lock", O_RDWR | O_CREAT);
  if (!file) return failed("lock", file.error());
  lock_ = *std::move(file);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno != EWOULDBLOCK) {
    return complaint(fmt::format("{}/lock cannot be locked: {}", path_, errno_text(errno)));
  }
  const auto holder = read_file(path_ + "/lock").value_or(std::string());
  const auto process = parse_number<int>(std::string_view(holder).substr(0, holder.find('\n')));
  return complaint(process ? fmt::format("{} is in use by process {}", path_, *process)
                           : fmt::format("{} is in use by another process", path_));
}

DataDirectory::Step DataDirectory::check_clock(const DataDirectoryOptions& options) {
  if (is_new_ || !path_exists(path_ + "/clock")) return {};
  const auto text = read_file(path_ + "/clock");
  if (!text) return failed("clock", text.error());
  if (text->empty()) return {};  // died before its first stamp
  const auto stamp =
      parse_number<std::int64_t>(std::string_view(*text).substr(0, text->find('\n')));
  if (!stamp) return complaint(fmt::format("{}/clock is damaged", path_));
  stamped_unix_ns_ = *stamp;
  if (!options.now_unix_ns) return {};
  const std::int64_t backwards = *stamp - *options.now_unix_ns;
  if (backwards <= kClockToleranceNs) return {};
  return complaint(fmt::format("the clock went backwards: {} was last used {} later than now",
                               path_, seconds(backwards)));
}

DataDirectory::Step DataDirectory::load(const DataDirectoryOptions& options) {
  auto image = std::make_shared<WorldImage>();
  image->wall_unix_ns = options.now_unix_ns.value_or(stamped_unix_ns_);
  if (!is_new_) {
    FL_TRY_VOID(load_state(options, *image));
    for (const std::string& region : options.regions) FL_TRY_VOID(load_store(region, *image));
  }
  image_ = std::move(image);
  return {};
}

DataDirectory::Step DataDirectory::load_state(const DataDirectoryOptions& options,
                                              WorldImage& image) {
  // A server that died before its first call has left none.
  if (!path_exists(path_ + "/state.pb")) return {};
  const auto bytes = read_file(path_ + "/state.pb");
  if (!bytes) return failed("state.pb", bytes.error());
  if (!state_.ParseFromString(*bytes)) {
    return complaint(fmt::format("{}/state.pb is damaged", path_));
  }
  image.life = state_.life();
  for (const v1::DataDirectoryRegion& entry : state_.regions()) {
    if (std::ranges::find(options.regions, entry.name()) == options.regions.end()) continue;
    NoEnvironment nothing;
    kms::Kms kms(options.account, entry.name(), nothing);
    const auto restored = kms.restore(entry.kms());
    const auto status = status_of(entry.opt_status());
    if (!restored || !status) {
      return complaint(fmt::format("{}/state.pb is damaged: {}: {}", path_, entry.name(),
                                   restored ? "no such status" : restored.error().message));
    }
    image.regions[entry.name()].kms = entry.kms();
    image.opt_statuses[entry.name()] = *status;
  }
  return {};
}

DataDirectory::Step DataDirectory::load_store(const std::string& region, WorldImage& image) {
  const std::string path = path_ + "/" + region;
  const auto recovered = RegionFiles::recover(path);
  if (!recovered) return failed(region, recovered.error());
  if (!path_exists(path)) return {};
  auto files = RegionFiles::read(path);
  if (!files) return failed(region, files.error());
  if (!files->contains("db/CURRENT")) {
    return complaint(fmt::format("{} holds no database: CURRENT is missing", path));
  }
  image.regions[region].disk = engine::DiskImage::holding(*std::move(files));
  // A trial, on a copy.
  engine::Disk disk(region, engine::RandomStream());
  disk.load_image(image.regions[region].disk);
  engine::DiskEnv env(disk, [] { return std::uint64_t{0}; });
  const auto store = regions::LevelKvStore::open(env);
  if (!store) return complaint(fmt::format("{} cannot be opened: {}", path, store.error().message));
  const auto format = regions::check_store_format(**store, regions::kStoreFormat);
  if (!format)
    return complaint(fmt::format("{} cannot be opened: {}", path, format.error().message));
  return {};
}

// Nothing speaks against it any more.
DataDirectory::Step DataDirectory::begin(const DataDirectoryOptions& options) {
  if (is_new_) {
    std::random_device entropy;
    seed_ = std::uint64_t{entropy()} << 32U | entropy();
    if (::chmod(path_.c_str(), 0700) != 0) return failed({}, errno);
    const auto written = replace_file(
        path_, "format",
        fmt::format("{}\nformat: {}\naccount: {}\nseed: {}\n", kTitle, kDataDirectoryFormat,
                    options.account, options.seed.value_or(seed_)));
    if (!written) return failed("format", written.error());
    // So that the directory itself is there.
    static_cast<void>(sync_directory(path_ + "/.."));
  }
  seed_ = options.seed.value_or(seed_);
  for (const std::string& region : options.regions) regions_[region];

  auto clock = open_file(path_ + "/clock", O_RDWR | O_CREAT);
  if (!clock) return failed("clock", clock.error());
  clock_ = *std::move(clock);
  const std::string process = fmt::format("{}\n", ::getpid());
  const auto named = write_at(lock_.get(), process, 0);
  if (!named) return failed("lock", named.error());
  const auto cut = cut_file(lock_.get(), process.size());
  if (!cut) return failed("lock", cut.error());
  return {};
}

// ---- serving ------------------------------------------------------------------------------------

void DataDirectory::adopt(const std::string& region, engine::Disk& disk) {
  Backed& backed = regions_.at(region);
  world_ = nullptr;
  if (backed.files != nullptr) backed.files->retire();
  backed.files =
      std::make_unique<RegionFiles>(path_ + "/" + region, [this]() -> engine::DiskResult<void> {
        // Keys first, for a record may need them. Until a world has been taken over, none has changed.
        if (world_ == nullptr || save_state()) return {};
        return tl::unexpected(engine::DiskError::Io);
      });
  backed.disk = &disk;
  const auto known = image_->regions.find(region);
  const bool holds_what_was_read =
      !backed.served && known != image_->regions.end() && known->second.disk.file_count() > 0;
  disk.set_backing(backed.files.get(), holds_what_was_read);
}

Expected<void, std::string> DataDirectory::make_durable(World& world) {
  if (world_ == nullptr) FL_TRY_VOID(begin_world(world));
  stamp_clock();
  return save_state();
}

DataDirectory::Step DataDirectory::begin_world(World& world) {
  state_.set_life(std::max(state_.life(), world.life() + 1));
  for (auto& [region, backed] : regions_) {
    backed.kms = &world.kms(region);
    backed.changes_saved.reset();
    // A world that took the place of another one: what the files hold is of that other.
    if (backed.served && backed.disk != nullptr) {
      const auto replaced = backed.disk->bring_backing_in_step();
      if (!replaced) {
        return complaint(
            fmt::format("{}/{}: {}", path_, region, engine::describe(replaced.error())));
      }
    }
    backed.served = true;
  }
  world_ = &world;
  return {};
}

DataDirectory::Step DataDirectory::save_state() {
  std::vector<std::pair<Backed*, std::uint64_t>> saved;
  for (auto& [region, backed] : regions_) {
    const std::uint64_t changes = backed.kms->changes();
    const RegionOptStatus status = world_->account().opt_status(region);
    if (backed.changes_saved == changes && backed.status_saved == status) continue;
    v1::DataDirectoryRegion& entry = entry_of(state_, region);
    *entry.mutable_kms() = backed.kms->snapshot();
    entry.set_opt_status(std::string(regions::to_text(status)));
    backed.changes_saved.reset();
    backed.status_saved = status;
    saved.emplace_back(&backed, changes);
  }
  if (saved.empty()) return {};
  const auto written = replace_file(path_, "state.pb", state_.SerializeAsString());
  if (!written) return failed("state.pb", written.error());
  for (const auto& [backed, changes] : saved) backed->changes_saved = changes;
  return {};
}

// Not durable at once, and overwritten in place: it only has to be about right.
void DataDirectory::stamp_clock() {
  const engine::Simulation& simulation = world_->simulation();
  const std::int64_t now = simulation.epoch_unix_ns() + simulation.now().ns();
  if (std::abs(now - stamped_unix_ns_) < kStampEveryNs) return;
  if (write_at(clock_.get(), fmt::format("{:0{}}\n", now, kClockDigits), 0)) stamped_unix_ns_ = now;
}

}  // namespace faultline::tools
