// Holds the rules of rules.h and ban_list.h against the source tree. A failure lists every
// complaint, a line each.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/tree/ban_list.h"
#include "tests/tree/rules.h"

namespace faultline::tree {
namespace {

namespace fs = std::filesystem;

struct Tree {
  std::set<std::string> top_level;
  Paths paths;
  std::vector<SourceFile> files;
};

bool is_text(const fs::path& path) {
  static const std::set<std::string> extensions = {".h",  ".cpp",   ".proto", ".textproto",
                                                   ".sh", ".cmake", ".md"};
  return extensions.contains(path.extension().string());
}

Tree read_tree() {
  const fs::path root = FAULTLINE_SOURCE_DIR;
  Tree tree;
  for (const auto& entry : fs::directory_iterator(root)) {
    tree.top_level.insert(entry.path().filename().string());
  }
  for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator();
       ++at) {
    const std::string name = at->path().filename().string();
    if (at->is_directory()) {
      if (name.starts_with('.') || name == "node_modules" || (at.depth() == 0 && name == "build"))
        at.disable_recursion_pending();
      continue;
    }
    const std::string path = fs::relative(at->path(), root).generic_string();
    tree.paths.insert(path);
    if (!is_text(at->path())) continue;
    std::ifstream in(at->path(), std::ios::binary);
    tree.files.push_back({
        path, {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}
    });
  }
  return tree;
}

const Tree& tree() {
  static const Tree tree = read_tree();
  return tree;
}

template <class Rule>
void expect_no_complaints(Rule rule) {
  std::string all;
  for (const SourceFile& file : tree().files) {
    for (const std::string& complaint : rule(file)) all += "  " + complaint + "\n";
  }
  if (!all.empty()) ADD_FAILURE() << "\n" << all;
}

void expect_none(const Complaints& complaints) {
  for (const std::string& complaint : complaints) ADD_FAILURE() << complaint;
}

TEST(TreeTest, TheTreeWasRead) {
  EXPECT_TRUE(tree().paths.contains("proto/check.h"));
  EXPECT_TRUE(tree().paths.contains("tests/tree/tree_test.cpp"));
}

TEST(TreeTest, IncludesFollowTheArrows) { expect_no_complaints(wrong_direction); }

TEST(TreeTest, OurHeadersAreIncludedFromTheRootAndExist) {
  expect_no_complaints([](const SourceFile& file) { return unknown_includes(file, tree().paths); });
}

TEST(TreeTest, HeavyHeadersStayInSources) { expect_no_complaints(leaked_headers); }

TEST(TreeTest, NothingBannedIsUsed) { expect_no_complaints(banned_uses); }

TEST(TreeTest, FilesAreShort) { expect_no_complaints(too_long); }

TEST(TreeTest, TheRootHasWhatItShouldHave) { expect_none(wrong_top_level(tree().top_level)); }

TEST(TreeTest, EveryFolderHasAReadme) { expect_none(folders_without_readme(tree().paths)); }

TEST(TreeTest, ReadmesNameTheirFiles) {
  expect_no_complaints([](const SourceFile& file) {
    return file.path.ends_with("/README.md") ? unnamed_files(file, tree().paths) : Complaints{};
  });
}

TEST(TreeTest, FilesThatPagesListExist) {
  expect_no_complaints([](const SourceFile& file) {
    return file.extension() == ".md" ? missing_files(file, tree().paths) : Complaints{};
  });
}

}  // namespace
}  // namespace faultline::tree
