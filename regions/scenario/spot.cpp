#include "regions/scenario/spot.h"

#include <google/protobuf/descriptor.h>

#include "proto/check.h"

namespace faultline::regions {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor& field_of(const Message& message, std::string_view name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(std::string(name));
  FL_CHECK(field != nullptr) << message.GetDescriptor()->full_name() << " has no " << name;
  return *field;
}

}  // namespace

Place Spot::place(std::string_view field, int index) const {
  if (places_ == nullptr) return place_;
  const FieldDescriptor& descriptor = field_of(*message_, field);
  const auto found =
      places_->GetLocation(&descriptor, descriptor.is_repeated() ? std::max(index, 0) : -1);
  return found.line < 0 ? place_ : Place{found.line + 1, found.column + 1};
}

Spot Spot::child(std::string_view field, int index) const {
  const FieldDescriptor& descriptor = field_of(*message_, field);
  const auto& reflection = *message_->GetReflection();
  const Message& inner = descriptor.is_repeated()
                             ? reflection.GetRepeatedMessage(*message_, &descriptor, index)
                             : reflection.GetMessage(*message_, &descriptor);
  const auto* inner_places =
      places_ == nullptr
          ? nullptr
          : places_->GetTreeForNested(&descriptor, descriptor.is_repeated() ? index : -1);
  return {inner, inner_places, place(field, index)};
}

}  // namespace faultline::regions
