// Spot: a message of a scenario together with where it stands in the file, so that a complaint
// about any of its fields can say file:line:column. A scenario that never was text (built in C++,
// or read from a trace) has spots without places.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <string_view>
#include <vector>

#include "proto/result.h"

namespace faultline::regions {

// 1-based; 0: unknown.
struct Place {
  int line = 0;
  int column = 0;
};

class Spot {
 public:
  // `places` may be null. Both outlive the spot.
  Spot(const google::protobuf::Message& message,
       const google::protobuf::TextFormat::ParseInfoTree* places, Place place = {})
      : message_(&message), places_(places), place_(place) {}

  [[nodiscard]] const google::protobuf::Message& message() const { return *message_; }
  // Of the message itself: of the field that holds it.
  [[nodiscard]] Place place() const { return place_; }
  // Of one of its fields; of the message where the field is not written. REQUIRES (both): the
  // message has such a field.
  [[nodiscard]] Place place(std::string_view field, int index = -1) const;
  // A field that holds a message.
  [[nodiscard]] Spot child(std::string_view field, int index = -1) const;

 private:
  const google::protobuf::Message* message_;
  const google::protobuf::TextFormat::ParseInfoTree* places_;
  Place place_;
};

// Gathers what is wrong with one file.
class Complaints {
 public:
  explicit Complaints(std::string file) : file_(std::move(file)) {}

  void add(Place place, std::string message) {
    errors_.push_back({file_, place.line, place.column, std::move(message)});
  }
  // In the order in which they were added.
  [[nodiscard]] std::vector<InputError> take() { return std::move(errors_); }

 private:
  std::string file_;
  std::vector<InputError> errors_;
};

}  // namespace faultline::regions
