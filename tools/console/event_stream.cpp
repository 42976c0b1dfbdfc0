#include "tools/console/event_stream.h"

#include <algorithm>
#include <utility>

namespace faultline::tools {
namespace {

// A pause is at least so many times as long as what was told took.
constexpr int kPauseToCost = 4;
constexpr std::string_view kHeartbeat = ": still here\n\n";

}  // namespace

std::string server_sent_event(std::string_view name, std::string_view data) {
  std::string event = "event: ";
  event.append(name).append("\ndata: ");
  for (const char c : data) {
    event += c;
    if (c == '\n') event += "data: ";
  }
  return event.append("\n\n");
}

EventHub::EventHub(std::vector<Topic> topics, Options options)
    : topics_(std::move(topics)),
      options_(std::move(options)),
      next_news_(options_.now()),
      next_beat_(options_.now() + options_.heartbeat) {}

void EventHub::add(HttpStream stream) {
  if (clients_.empty()) next_beat_ = options_.now() + options_.heartbeat;
  clients_.push_back({std::move(stream), {}});
  clients_.back().told.resize(topics_.size());
  tell_now();
}

void EventHub::forget_the_gone() {
  std::erase_if(clients_, [](const Client& client) { return !client.stream.is_open(); });
}

bool EventHub::has_news() const {
  if (clients_.empty()) return false;
  for (std::size_t topic = 0; topic < topics_.size(); ++topic) {
    const std::uint64_t revision = topics_[topic].revision();
    for (const Client& client : clients_) {
      if (client.told[topic] != revision) return true;
    }
  }
  return false;
}

void EventHub::look() {
  forget_the_gone();
  const Time now = options_.now();
  if (now >= next_news_ && has_news()) tell_now();
  if (now < next_beat_) return;
  next_beat_ = now + options_.heartbeat;
  for (const Client& client : clients_) {
    // Who has something to take knows that we are here.
    if (client.stream.waiting() == 0) client.stream.write(kHeartbeat);
  }
}

void EventHub::tell_now() {
  forget_the_gone();
  if (clients_.empty()) return;
  const Time start = options_.now();
  std::vector<Client*> ready;
  for (Client& client : clients_) {
    const bool is_new = std::ranges::all_of(client.told, [](const auto& r) { return !r; });
    // The head of its answer may still be on its way.
    if (is_new || client.stream.waiting() == 0) ready.push_back(&client);
  }
  for (std::size_t topic = 0; topic < topics_.size(); ++topic) {
    const std::uint64_t revision = topics_[topic].revision();
    std::string event;
    for (Client* const client : ready) {
      if (client->told[topic] == revision) continue;
      if (event.empty()) event = server_sent_event(topics_[topic].name, topics_[topic].json());
      client->stream.write(event);
      client->told[topic] = revision;
    }
  }
  const Time end = options_.now();
  next_news_ = end + std::max<Time::duration>(options_.pause, kPauseToCost * (end - start));
}

std::optional<EventHub::Time> EventHub::next_due() const {
  if (clients_.empty()) return std::nullopt;
  return has_news() ? std::min(next_news_, next_beat_) : next_beat_;
}

}  // namespace faultline::tools
