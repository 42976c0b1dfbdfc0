// EventList: the events of a run, which may be many: kept close together, and given up at once.
//
//     EventList events;
//     events.push_back(event);
//     for (const v1::TraceEvent& event : events) …
//
// A list like any other, but that references to its events last as long as the list does.
#pragma once

#include <google/protobuf/arena.h>

#include <boost/iterator/indirect_iterator.hpp>
#include <cstddef>
#include <memory>
#include <vector>

#include "proto/trace.pb.h"

namespace faultline::tools {

class EventList {
 public:
  using iterator = boost::indirect_iterator<std::vector<v1::TraceEvent*>::const_iterator>;
  using const_iterator =
      boost::indirect_iterator<std::vector<v1::TraceEvent*>::const_iterator, const v1::TraceEvent>;

  EventList() = default;
  explicit EventList(const std::vector<v1::TraceEvent>& events);
  EventList(const EventList& other);
  EventList& operator=(const EventList& other);
  EventList(EventList&&) = default;
  EventList& operator=(EventList&&) = default;
  ~EventList() = default;

  // An empty one at the end.
  v1::TraceEvent& emplace_back();
  void push_back(const v1::TraceEvent& event) { emplace_back() = event; }
  void clear();

  [[nodiscard]] std::size_t size() const { return events_.size(); }
  [[nodiscard]] bool empty() const { return events_.empty(); }
  v1::TraceEvent& operator[](std::size_t place) { return *events_[place]; }
  const v1::TraceEvent& operator[](std::size_t place) const { return *events_[place]; }
  // REQUIRES: !empty().
  [[nodiscard]] const v1::TraceEvent& front() const { return *events_.front(); }
  [[nodiscard]] const v1::TraceEvent& back() const { return *events_.back(); }

  iterator begin() { return iterator(events_.begin()); }
  iterator end() { return iterator(events_.end()); }
  [[nodiscard]] const_iterator begin() const { return const_iterator(events_.begin()); }
  [[nodiscard]] const_iterator end() const { return const_iterator(events_.end()); }

 private:
  // Destroyed last: the events lie in it.
  std::unique_ptr<google::protobuf::Arena> arena_;
  std::vector<v1::TraceEvent*> events_;
};

}  // namespace faultline::tools
