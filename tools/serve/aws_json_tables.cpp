#include "tools/serve/aws_json_tables.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "proto/aws_json.pb.h"
#include "proto/check.h"
#include "tools/serve/aws_json.h"

namespace faultline::tools {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::ListValue;

JsonShape shape_of(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING:
      return JsonShape::String;
    case FieldDescriptor::TYPE_BYTES:
      return JsonShape::Blob;
    case FieldDescriptor::TYPE_BOOL:
      return JsonShape::Bool;
    case FieldDescriptor::TYPE_INT32:
      return JsonShape::Int32;
    case FieldDescriptor::TYPE_INT64:
      return JsonShape::Int64;
    case FieldDescriptor::TYPE_DOUBLE:
      return JsonShape::Double;
    case FieldDescriptor::TYPE_MESSAGE:
      if (field.is_map()) return JsonShape::Map;
      return field.message_type() == ListValue::descriptor() ? JsonShape::List : JsonShape::Message;
    default:
      break;
  }
  FL_CHECK(false) << "no shape of AWS's for " << field.full_name();
  return JsonShape::String;
}

JsonTable make_table(const Descriptor& descriptor) {
  JsonTable table;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    JsonMember member;
    member.field = &field;
    member.name = field.json_name();
    append_json_string(member.name, member.quoted);
    member.quoted += ':';
    member.shape = shape_of(field);
    member.repeated = field.is_repeated() && !field.is_map();
    member.type = field.message_type();
    member.listed_when_empty = field.options().GetExtension(v1::listed_when_empty);
    table.members.push_back(std::move(member));
  }
  for (const JsonMember& member : table.members) table.by_name.push_back(&member);
  std::sort(table.by_name.begin(), table.by_name.end(),
            [](const JsonMember* a, const JsonMember* b) { return a->name < b->name; });
  return table;
}

}  // namespace

const JsonMember* JsonTable::find(std::string_view name) const {
  const auto at = std::lower_bound(
      by_name.begin(), by_name.end(), name,
      [](const JsonMember* member, std::string_view wanted) { return member->name < wanted; });
  return at != by_name.end() && (*at)->name == name ? *at : nullptr;
}

const JsonTable& json_table(const Descriptor& descriptor) {
  thread_local std::map<const Descriptor*, std::unique_ptr<JsonTable>> tables;
  std::unique_ptr<JsonTable>& table = tables[&descriptor];
  if (table == nullptr) table = std::make_unique<JsonTable>(make_table(descriptor));
  return *table;
}

}  // namespace faultline::tools
