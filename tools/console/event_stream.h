// EventHub: what has changed, told to every page that listens, as server-sent events.
//
//     EventHub hub({{.name = "world", .revision = …, .json = …}});
//     hub.add(reply.stream({.content_type = std::string(EventHub::kContentType)}));
//     …                                     // something happens
//     hub.look();                           // told now, or when hub.next_due() has come
//
// Topics     each is a state, told whole: to a client at its start, in their order, and again when
//            its revision is another. What a client has missed it need not hear.
// Coalesced  look() tells at most every `pause`, and rarer if making the JSON takes long: at most a
//            fifth of the time goes into it. tell_now() tells at once.
// Slow       a client that has not taken the last message yet is told the next one when it has.
// Silence    after `heartbeat` there is a comment, so that each side notices if the other is gone.
// Without clients nothing is made. One thread.
// Source     HTML Living Standard, "Server-sent events".
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/http_message.h"

namespace faultline::tools {

class EventHub {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Topic {
    std::string name;
    // Cheap: it is asked often.
    std::function<std::uint64_t()> revision;
    std::function<std::string()> json;
  };
  struct Options {
    std::chrono::milliseconds pause{100};
    std::chrono::milliseconds heartbeat{15'000};
    std::function<Time()> now = std::chrono::steady_clock::now;
  };
  static constexpr std::string_view kContentType = "text/event-stream; charset=utf-8";

  explicit EventHub(std::vector<Topic> topics) : EventHub(std::move(topics), Options()) {}
  EventHub(std::vector<Topic> topics, Options options);

  // Tells it everything.
  void add(HttpStream stream);
  // What has changed is told, if it is time.
  void look();
  void tell_now();
  // When look() should be called though nothing happens; nothing: there is nothing to wait for.
  [[nodiscard]] std::optional<Time> next_due() const;

  [[nodiscard]] std::size_t clients() const { return clients_.size(); }

 private:
  struct Client {
    HttpStream stream;
    std::vector<std::optional<std::uint64_t>> told;  // the revisions, by topic
  };

  [[nodiscard]] bool has_news() const;
  void forget_the_gone();

  const std::vector<Topic> topics_;
  const Options options_;
  std::vector<Client> clients_;
  Time next_news_;  // not before
  Time next_beat_;
};

// One event. Line breaks of the data stay what they are.
[[nodiscard]] std::string server_sent_event(std::string_view name, std::string_view data);

}  // namespace faultline::tools
