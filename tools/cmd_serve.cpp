// faultline serve: an AWS-compatible endpoint for every region at one address.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "proto/check.h"
#include "tools/commands.h"
#include "tools/console/console_front.h"
#include "tools/console/guard.h"
#include "tools/exit_code.h"
#include "tools/seed_text.h"
#include "tools/serve/aws_front.h"
#include "tools/serve/control_client.h"
#include "tools/serve/control_front.h"
#include "tools/serve/data_directory.h"
#include "tools/serve/http_server.h"
#include "tools/serve/served_world.h"
#include "tools/serve/session.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

struct Request {
  std::uint16_t port = 4566;
  std::string host = "127.0.0.1";
  std::string data_dir;
  std::string clock = "real";
  std::string seed;
  std::string account;
  std::string auth = "off";
  std::vector<std::string> regions;
  std::string scenario;
  std::string record;
  bool console = false;
  bool quiet = false;
};

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string make_token() {
  std::random_device entropy;
  std::string token;
  for (int i = 0; i < 4; ++i) token += fmt::format("{:08x}", entropy());
  return token;
}

// The token where `faultline fault` of the same user finds it, while the server runs.
class TokenFile {
 public:
  TokenFile(std::uint16_t port, const std::string& token)
      : path_(token_path(std::to_string(port))) {
    const std::filesystem::path directory = std::filesystem::path(path_).parent_path();
    std::error_code ignored;
    std::filesystem::create_directories(directory, ignored);
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, ignored);
    unlink(path_.c_str());
    const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
      path_.clear();
      return;
    }
    const std::string line = token + "\n";
    if (write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) path_.clear();
    close(fd);
  }
  ~TokenFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;

  // Empty: it could not be written.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// ---- what is printed ----------------------------------------------------------------------------

// As it stands in an address.
std::string printed_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// Where a browser of this machine finds the console; after the '#' it keeps the key to itself.
std::string console_address(const std::string& host, std::uint16_t port, const std::string& token) {
  const bool is_everywhere = host == "0.0.0.0" || host == "::";
  return fmt::format("http://{}:{}{}#token={}",
                     is_everywhere ? std::string("localhost") : printed_host(host), port,
                     ConsoleFront::kPrefix, token);
}

void introduce(const Request& request, std::uint16_t port, Session& session,
               const std::string& token, const TokenFile& file) {
  const std::string host = printed_host(request.host);
  regions::World& world = session.world();
  std::size_t enabled = 0;
  for (const std::string& region : world.regions()) {
    enabled += world.account().is_enabled(region) ? 1 : 0;
  }
  fmt::print("Secrets Manager and KMS of {} regions ({} enabled) at http://{}:{}\n",
             world.regions().size(), enabled, host, port);
  fmt::print("account {}, clock {}, {}\n", world.account().id(), request.clock,
             request.data_dir.empty() ? "in memory: it ends with this process"
                                      : "kept in " + request.data_dir);
  if (request.auth == "verify") {
    fmt::print("signatures are verified; keys:\n");
    for (const std::string& name : world.account().principal_names()) {
      const regions::Principal* principal = world.account().find_principal(name);
      fmt::print("  {:<12} AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={}\n", name,
                 principal->access_key_id, principal->secret_access_key);
    }
  } else {
    fmt::print("signatures are not verified (--auth off): whoever reaches this address is admin\n");
  }
  if (file.path().empty()) {
    fmt::print("token of `faultline fault`: {}\n", token);
  } else {
    fmt::print("token of `faultline fault`: in {}\n", file.path());
  }
  if (!request.record.empty()) fmt::print("recording to {}\n", request.record);
  if (request.console) {
    fmt::print("console: {}\n", console_address(request.host, port, token));
    if (!session.remembers()) {
      fmt::print("the console cannot go back or save: {}\n", session.why_it_forgets());
    }
  }
  std::fflush(stdout);
}

int fail(int code, const std::string& message) {
  complain(message);
  return code;
}

// What the server does with requests; there is a session before the first one comes.
class Doors {
 public:
  // `console`: null where there is none.
  void open(HttpServer& server, Session& session, AwsFront& aws, ControlFront& control,
            ConsoleFront* console) {
    server_ = &server;
    session_ = &session;
    aws_ = &aws;
    control_ = &control;
    console_ = console;
    server.on_wakeup([this] {
      session_->catch_up();
      look();
    });
    look();
  }
  void handle(const HttpRequest& request, HttpReply reply) {
    if (console_ != nullptr && ConsoleFront::is_for_it(request)) {
      console_->handle(request, reply);
    } else if (ControlFront::is_for_it(request)) {
      control_->handle(request, reply);
    } else {
      aws_->handle(request, std::move(reply));
    }
    look();
  }
  // What the world's wall clock shows.
  [[nodiscard]] std::int64_t unix_seconds() const {
    return session_->wall_unix_ns() / 1'000'000'000;
  }

 private:
  using Time = HttpServer::WakeupTime;

  // Something may have happened: the console tells it, and the alarm is set for who is due first.
  void look() {
    std::optional<Time> due = session_->next_due();
    if (console_ != nullptr) {
      console_->look();
      if (const auto news = console_->next_due()) due = due ? std::min(*due, *news) : *news;
    }
    server_->set_wakeup(due);
  }

  HttpServer* server_ = nullptr;
  Session* session_ = nullptr;
  AwsFront* aws_ = nullptr;
  ControlFront* control_ = nullptr;
  ConsoleFront* console_ = nullptr;
};

// Serves until it is told to stop.
void serve(const Request& request, const Environment& environment, std::uint16_t port,
           HttpServer& server, Doors& doors, Session& session) {
  const std::string token = make_token();
  AwsFront aws(session, {.auth = request.auth == "verify" ? FrontOptions::Auth::Verify
                                                          : FrontOptions::Auth::Off,
                         .request_id_seed = session.world().simulation().random().seed()});
  ControlFront control(session, token);
  std::optional<ConsoleFront> console;
  if (request.console) {
    console.emplace(session, aws,
                    ConsoleOptions{.token = token,
                                   .hosts = hosts_of(request.host, port),
                                   .port = port,
                                   .shared = environment.shared,
                                   .check = environment.check,
                                   .make_key = make_token});
  }
  doors.open(server, session, aws, control, console ? &*console : nullptr);
  const TokenFile file(port, token);
  if (!request.quiet) introduce(request, port, session, token, file);
  server.run();
  const std::string recorded = session.end_recording();
  if (!recorded.empty()) fmt::print("{}\n", recorded);
}

// What luck is made of when nobody wants it repeated.
void fill_from_system(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    FL_CHECK(got > 0 || errno == EINTR) << "the system gives no random bytes";
    if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
  }
}

Expected<std::unique_ptr<DataDirectory>, std::string> open_directory(const Request& request,
                                                                     const WorldWish& wish,
                                                                     const v1::Scenario& scenario) {
  DataDirectoryOptions options{
      .path = request.data_dir,
      .account = scenario.account().empty() ? "123456789012" : scenario.account(),
      .regions = {},
      .seed = wish.seed,
      .now_unix_ns = {}};
  if (wish.follows_machine) options.now_unix_ns = wish.now_unix_ns;
  for (const auto& region : scenario.region()) options.regions.push_back(region.name());
  FL_TRY(auto directory, DataDirectory::open(options));
  if (!request.record.empty() && directory->image()->life > 0) {
    return tl::make_unexpected(fmt::format(
        "--record: {} holds a world already, and a recording must begin with an empty one",
        request.data_dir));
  }
  return directory;
}

int run(const Request& request, const Environment& environment) {
  const auto clock = ServerClock::parse(request.clock);
  if (!clock) return fail(kUsage, "--clock: " + clock.error());
  if (request.auth != "off" && request.auth != "verify") {
    return fail(kUsage, fmt::format("--auth: \"{}\" is neither off nor verify", request.auth));
  }
  if (request.auth == "off" && !is_loopback(request.host)) {
    return fail(kUsage,
                fmt::format("--host {}: whoever reaches it would be admin; only with --auth "
                            "verify",
                            request.host));
  }
  if (request.console && !ConsoleFront::has_page()) {
    return fail(kUsage, "--console: " + std::string(ConsoleFront::kNoPage));
  }
  const std::string& account = request.account;
  if (!account.empty() &&
      (account.size() != 12 || account.find_first_not_of("0123456789") != std::string::npos)) {
    return fail(kUsage, fmt::format("--account: \"{}\" is no account id: 12 digits", account));
  }
  WorldWish wish{.scenario_file = request.scenario,
                 .regions = request.regions,
                 .account = account,
                 .seed = {},
                 .follows_machine = !clock->is_manual(),
                 .now_unix_ns = machine_unix_ns()};
  if (!request.seed.empty()) {
    wish.seed = parse_seed(request.seed);
    if (!wish.seed) return fail(kUsage, "--seed: " + no_seed(request.seed));
  }
  auto world = served_world(wish, environment.check);
  if (!world) {
    complain(world.error());
    return kBadInput;
  }
  // Before anything is written: another server may have the port.
  Doors doors;
  // Clients correct their clocks by what the server says, and sign by them.
  HttpServer server({.unix_seconds = [&doors] { return doors.unix_seconds(); }},
                    [&doors](const HttpRequest& received, HttpReply reply) {
                      doors.handle(received, std::move(reply));
                    });
  const auto port = server.listen(request.host, request.port);
  if (!port) return fail(kUsage, port.error());
  server.stop_on_signals();
  std::signal(SIGPIPE, SIG_IGN);
  SessionOptions options{.scenario = {},
                         .seed = world->scenario.seed(),
                         .clock = *clock,
                         .shared = environment.shared,
                         .make_durable = {},
                         .recorder = nullptr,
                         .remembers = request.console};
  std::unique_ptr<DataDirectory> directory;
  if (!request.data_dir.empty()) {
    auto opened = open_directory(request, wish, world->scenario);
    if (!opened) return fail(kBadInput, opened.error());
    directory = std::move(*opened);
    options.seed = directory->seed();
    // A recording repeats the world that is served.
    world->scenario.set_seed(options.seed);
    options.shared.image = directory->image();
    options.shared.adopt_disk = [&directory](const std::string& region, engine::Disk& disk) {
      directory->adopt(region, disk);
    };
    options.make_durable = [&directory](regions::World& served) {
      return directory->make_durable(served);
    };
  }
  const bool is_old = directory != nullptr && directory->image()->life > 0;
  if (!request.record.empty()) {
    auto created = Recorder::create(request.record, world->scenario, request.console);
    if (!created) return fail(kBadInput, created.error());
    options.recorder = std::move(*created);
  } else if (!wish.seed && request.scenario.empty() && (!request.console || is_old)) {
    // Nothing is to be repeated: keys are made of what nobody can guess.
    options.shared.entropy = fill_from_system;
    options.shared.wrap_suite = kms::WrapSuite::Salted;
  }
  options.scenario = std::move(*world);
  Session session(std::move(options));
  if (directory != nullptr) {
    const auto kept = directory->make_durable(session.world());
    if (!kept) return fail(kInternal, kept.error());
  }
  serve(request, environment, *port, server, doors, session);
  return kHolds;
}

}  // namespace

void add_serve(CLI::App& app, const Environment& environment, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* command = app.add_subcommand(
      "serve", "Answer the AWS CLI and SDKs: Secrets Manager and KMS of every region");
  command->footer(
      "  aws --endpoint-url http://127.0.0.1:4566 --region us-west-2 secretsmanager list-secrets\n"
      "The region is that which a client signs for. Break it: faultline fault add --help.");
  command->add_option("--port", request->port, "Default 4566; 0: any that is free");
  command->add_option("--host", request->host, "Address to bind. Default 127.0.0.1");
  command->add_option("--data-dir", request->data_dir,
                      "Keep the world in this directory. Default: in memory");
  command->add_option(
      "--clock", request->clock,
      "real, xN (N times as fast), or manual (moves with calls and `faultline time`)");
  command->add_option("--seed", request->seed, "Decides everything that is luck");
  command->add_option("--account", request->account, "12 digits. Default 123456789012");
  command->add_option("--auth", request->auth,
                      "off: any signature is good (loopback only). verify: SigV4 is checked");
  command
      ->add_option("--regions", request->regions,
                   "Default: all of AWS's, those that are opted into not enabled")
      ->delimiter(',');
  command->add_option("--scenario", request->scenario,
                      "The world of this file, and its steps at their times");
  command->add_option("--record", request->record,
                      "Write the session down as a scenario that `faultline run` repeats");
  command->add_flag("--console", request->console,
                    "Also serve a page that shows what happens and lets you break things; its "
                    "address is printed, and holds its key");
  command->add_flag("-q,--quiet", request->quiet, "Print nothing at the start");
  command->callback([=, &environment, &exit_code] { exit_code = run(*request, environment); });
}

}  // namespace faultline::tools
