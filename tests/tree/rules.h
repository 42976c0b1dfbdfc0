// The rules of the tree, each a function from text to complaints, so that each can be shown to
// fail. A complaint is a sentence for a newcomer: what is wrong where, and what is allowed.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tree/source_text.h"

namespace faultline::tree {

using Complaints = std::vector<std::string>;
using Paths = std::set<std::string>;  // files of the tree, from the root

// tools -> regions -> { engine, kms } -> proto, and never the other way; nobody includes tests.
Complaints wrong_direction(const SourceFile& file);

// Our headers are included from the root and exist ("proto/x.pb.h" does when proto/x.proto does).
Complaints unknown_includes(const SourceFile& file, const Paths& paths);

// Headers of Boost.MSM, Crypto++, LevelDB and xxHash stay inside .cpp files.
Complaints leaked_headers(const SourceFile& file);

// At most 500 lines, message files 600, in tests 700.
Complaints too_long(const SourceFile& file);

// What may lie at the root. Dot-files and build/ are not looked at.
Complaints wrong_top_level(const std::set<std::string>& names);

// Every header, message file and script is named in the README.md of its folder, or of the nearest
// folder above that has one.
Complaints unnamed_files(const SourceFile& readme, const Paths& paths);

// Every file that a Markdown page lists (the first thing of a list item, a table row or an indented
// line) exists, seen from the page's folder or from the root.
Complaints missing_files(const SourceFile& page, const Paths& paths);

// Folders at the root that have no README.md.
Complaints folders_without_readme(const Paths& paths);

}  // namespace faultline::tree
