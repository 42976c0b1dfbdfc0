#include "tools/report/event_list.h"

namespace faultline::tools {
namespace {

std::unique_ptr<google::protobuf::Arena> new_arena() {
  // Of a hundred events; and of some thousand.
  constexpr std::size_t kFirstBlock = std::size_t{32} << 10U, kMostBlock = std::size_t{1} << 20U;
  google::protobuf::ArenaOptions options;
  options.start_block_size = kFirstBlock;
  options.max_block_size = kMostBlock;
  return std::make_unique<google::protobuf::Arena>(options);
}

}  // namespace

EventList::EventList(const std::vector<v1::TraceEvent>& events) {
  for (const v1::TraceEvent& event : events) push_back(event);
}

EventList::EventList(const EventList& other) {
  for (const v1::TraceEvent& event : other) push_back(event);
}

EventList& EventList::operator=(const EventList& other) {
  if (this != &other) *this = EventList(other);
  return *this;
}

v1::TraceEvent& EventList::emplace_back() {
  if (arena_ == nullptr) arena_ = new_arena();
  return *events_.emplace_back(
      google::protobuf::Arena::CreateMessage<v1::TraceEvent>(arena_.get()));
}

void EventList::clear() {
  events_.clear();
  arena_.reset();
}

}  // namespace faultline::tools
