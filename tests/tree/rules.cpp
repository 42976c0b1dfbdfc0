#include "tests/tree/rules.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>

namespace faultline::tree {
namespace {

using Names = std::set<std::string>;

// What the machines share of Boost.MSM. It may include it, and is as hidden as MSM itself.
constexpr std::string_view kMachineTable = "regions/replication/machine_table.h";

const std::map<std::string, Names>& may_use() {
  static const std::map<std::string, Names> layers = {
      {"proto",   {}                                            },
      {"engine",  {"proto"}                                     },
      {"kms",     {"proto"}                                     },
      {"regions", {"engine", "kms", "proto"}                    },
      {"tools",   {"regions", "engine", "kms", "proto"}         },
      {"tests",   {"tools", "regions", "engine", "kms", "proto"}},
  };
  return layers;
}

bool is_code(const SourceFile& file) {
  return file.extension() == ".h" || file.extension() == ".cpp";
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string file_name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

// Whether `text` names the file: the name as a whole, not as the end of a longer one.
bool names_file(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool starts = at == 0 || !is_name_char(text[at - 1]);
    const bool ends =
        end == text.size() || !is_name_char(text[end]) ||
        (text[end] == '.' && (end + 1 == text.size() || !is_name_char(text[end + 1])));
    if (starts && ends) return true;
  }
  return false;
}

// The README that must name a file: its folder's, or the nearest above.
std::string readme_for(const std::string& path, const Paths& paths) {
  std::string folder = folder_of(path);
  while (!folder.empty()) {
    if (paths.contains(folder + "/README.md")) return folder + "/README.md";
    folder = folder_of(folder);
  }
  return "";
}

// Whether what follows a file's name shows a list's column, not a sentence or a drawing.
bool ends_a_column(std::string_view rest) {
  return rest.empty() || rest.starts_with("  ") || rest.starts_with("\t") ||
         rest.starts_with(" .") || rest.starts_with(" |");
}

// The file that a line of a list begins with, or nothing.
std::string listed_file(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t|-*`[");
  if (start == std::string_view::npos) return "";
  const std::string_view lead = line.substr(0, start);
  if (lead.find_first_of(" \t|") == std::string_view::npos) return "";  // prose
  line.remove_prefix(start);
  std::size_t end = 0;
  while (end < line.size() && (is_name_char(line[end]) || line[end] == '/')) ++end;
  const bool marked = lead.ends_with('`') || lead.ends_with('[');
  if (!marked && !ends_a_column(line.substr(end))) return "";
  const std::string word(line.substr(0, end));
  const std::size_t dot = word.rfind('.');
  if (dot == std::string::npos || dot == 0) return "";
  static const Names extensions = {".h", ".cpp", ".proto", ".textproto", ".sh", ".cmake", ".md"};
  return extensions.contains(word.substr(dot)) ? word : "";
}

}  // namespace

Complaints wrong_direction(const SourceFile& file) {
  Complaints complaints;
  const auto layer = may_use().find(file.layer());
  if (layer == may_use().end() || !is_code(file)) return complaints;
  for (const Include& include : includes_of(file)) {
    const std::string target = SourceFile{.path = include.path, .text = {}}.layer();
    if (target == layer->first || !may_use().contains(target)) continue;
    if (layer->second.contains(target)) continue;
    const std::string allowed =
        layer->second.empty() ? "no other layer" : joined(layer->second) + " only";
    complaints.push_back(file.path + " includes " + include.path + ": " + layer->first +
                         " may use " + allowed + ".");
  }
  return complaints;
}

Complaints unknown_includes(const SourceFile& file, const Paths& paths) {
  Complaints complaints;
  if (!is_code(file)) return complaints;
  for (const Include& include : includes_of(file)) {
    if (!include.quoted) continue;
    std::string source = include.path;
    if (source.ends_with(".pb.h")) source = source.substr(0, source.size() - 5) + ".proto";
    if (paths.contains(source)) continue;
    complaints.push_back(
        file.path + ":" + std::to_string(include.line) + ": \"" + include.path +
        "\" is no file seen from the root: write \"layer/file.h\" for ours and <…> for others'.");
  }
  return complaints;
}

Complaints leaked_headers(const SourceFile& file) {
  Complaints complaints;
  if (file.extension() != ".h" || file.path == kMachineTable) return complaints;
  for (const Include& include : includes_of(file)) {
    for (const std::string_view hidden :
         {std::string_view("boost/msm"), std::string_view("cryptopp/"),
          std::string_view("leveldb/"), std::string_view("xxhash"), kMachineTable}) {
      if (!include.path.starts_with(hidden)) continue;
      complaints.push_back(file.path + ":" + std::to_string(include.line) + ": " + include.path +
                           " belongs into a .cpp file: every includer of this header would pay "
                           "its compile time.");
    }
  }
  return complaints;
}

Complaints too_long(const SourceFile& file) {
  static const Names extensions = {".h", ".cpp", ".proto", ".sh", ".cmake", ".textproto"};
  if (!extensions.contains(file.extension())) return {};
  // A message file is a table, a line a field.
  const std::size_t limit = file.layer() == "tests"        ? 700
                            : file.extension() == ".proto" ? 600
                                                           : 500;
  const std::size_t lines = lines_of(file.text).size();
  if (lines <= limit) return {};
  return {file.path + " has " + std::to_string(lines) + " lines, more than " +
          std::to_string(limit) + ": look for the second idea in it, and give that a file."};
}

Complaints wrong_top_level(const Names& names) {
  static const Names allowed = {
      "proto",  "engine", "kms",       "regions",        "scenarios",
      "tools",  "tests",  "README.md", "CMakeLists.txt", "CMakePresets.json",
      "LICENSE"};
  Complaints complaints;
  for (const std::string& name : names) {
    if (allowed.contains(name) || name == "build" || name.starts_with('.')) continue;
    complaints.push_back(name + " does not belong at the root: the root has " + joined(allowed) +
                         " and dot-files.");
  }
  for (const std::string& name : allowed) {
    if (!names.contains(name)) complaints.push_back(name + " is missing at the root.");
  }
  return complaints;
}

Complaints unnamed_files(const SourceFile& readme, const Paths& paths) {
  Complaints complaints;
  for (const std::string& path : paths) {
    if (!path.ends_with(".h") && !path.ends_with(".proto") && !path.ends_with(".sh")) continue;
    if (readme_for(path, paths) != readme.path) continue;
    if (names_file(readme.text, file_name_of(path))) continue;
    complaints.push_back(path + " is not named in " + readme.path + ": say there what it is for.");
  }
  return complaints;
}

Complaints missing_files(const SourceFile& page, const Paths& paths) {
  Complaints complaints;
  int line = 0;
  for (const std::string_view text : lines_of(page.text)) {
    ++line;
    const std::string listed = listed_file(text);
    if (listed.empty() || paths.contains(listed)) continue;
    const std::string folder = folder_of(page.path);
    const std::string prefix = folder.empty() ? "" : folder + "/";
    if (paths.contains(prefix + listed)) continue;
    // A sub-folder's files may be listed under its heading, by name alone.
    if (listed.find('/') == std::string::npos &&
        std::ranges::any_of(paths, [&](const std::string& path) {
          return path.starts_with(prefix) && file_name_of(path) == listed;
        })) {
      continue;
    }
    complaints.push_back(page.path + ":" + std::to_string(line) + " lists " + listed +
                         ", which does not exist.");
  }
  return complaints;
}

Complaints folders_without_readme(const Paths& paths) {
  Names folders;
  for (const std::string& path : paths) {
    const std::string layer = SourceFile{.path = path, .text = {}}.layer();
    if (!layer.empty()) folders.insert(layer);
  }
  Complaints complaints;
  for (const std::string& folder : folders) {
    if (paths.contains(folder + "/README.md")) continue;
    complaints.push_back(
        folder +
        "/README.md is missing: purpose, files in reading order, what may be included from here.");
  }
  return complaints;
}

}  // namespace faultline::tree
