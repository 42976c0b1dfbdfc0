#include "regions/log_tail.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/regions/store_machine.h"

namespace faultline::regions {
namespace {

constexpr std::size_t kBlockBytes = 32'768;

// Real logs, written by LevelDB.
class LogTailTest : public ::testing::Test {
 protected:
  // The log after one batch for each of these sizes of values.
  static std::string log_of(const std::vector<std::size_t>& value_sizes) {
    StoreMachine machine;
    EXPECT_TRUE(machine.open());
    char key = 'a';
    for (const std::size_t size : value_sizes) {
      EXPECT_TRUE(machine.put(std::string(1, key++), std::string(size, 'v')));
    }
    for (const std::string& name : machine.disk().list()) {
      if (name.ends_with(".log")) return machine.disk().contents(name).value();
    }
    ADD_FAILURE() << "no log";
    return {};
  }
};

TEST_F(LogTailTest, AnEmptyLogAndAWholeOneAreClean) {
  EXPECT_EQ(inspect_log_tail(""), LogTail::Clean);
  EXPECT_EQ(inspect_log_tail(log_of({10, 0, 2'000})), LogTail::Clean);
  EXPECT_EQ(inspect_log_tail(log_of({40'000, 5})), LogTail::Clean) << "across blocks";
}

TEST_F(LogTailTest, EveryOtherEndIsTorn) {
  const std::string first = log_of({300});
  const std::string log = log_of({300, 200});
  for (std::size_t size = 0; size <= log.size(); ++size) {
    const bool at_end = size == 0 || size == first.size() || size == log.size();
    ASSERT_EQ(inspect_log_tail(log.substr(0, size)), at_end ? LogTail::Clean : LogTail::Torn)
        << size << " of " << log.size() << " bytes";
  }
}

TEST_F(LogTailTest, AMissingLastPartIsTornThoughARecordEndsThere) {
  const std::string log = log_of({100'000});
  for (std::size_t blocks = 1; blocks * kBlockBytes < log.size(); ++blocks) {
    EXPECT_EQ(inspect_log_tail(log.substr(0, blocks * kBlockBytes)), LogTail::Torn);
  }
}

TEST_F(LogTailTest, TheFillingAtTheEndOfABlockMayBeMissing) {
  // A record that leaves three bytes in its block: header 7, sequence and count 12, tag, key and
  // lengths 6.
  const std::size_t value = kBlockBytes - 3 - 7 - 12 - 6;
  const std::string log = log_of({value, 10});
  ASSERT_EQ(log.substr(kBlockBytes - 3, 3), std::string(3, '\0'));
  for (std::size_t filling = 0; filling <= 3; ++filling) {
    EXPECT_EQ(inspect_log_tail(log.substr(0, kBlockBytes - 3 + filling)), LogTail::Clean);
  }
  EXPECT_EQ(inspect_log_tail(log), LogTail::Clean);
}

TEST_F(LogTailTest, ALengthThatGrewBeyondTheEndIsDamage) {
  const std::string whole = log_of({50, 50});
  // The second record's length field.
  const std::size_t second = whole.size() / 2;
  for (std::size_t bit = 0; bit < 16; ++bit) {
    std::string log = whole;
    char& byte = log[second + 4 + bit / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (bit % 8)));
    const bool grew =
        static_cast<unsigned char>(byte) > static_cast<unsigned char>(whole[second + 4 + bit / 8]);
    // A length that shrank leaves a rest that LevelDB's checksums find.
    if (grew) {
      EXPECT_EQ(inspect_log_tail(log), LogTail::Damaged) << "bit " << bit;
    }
  }
}

TEST_F(LogTailTest, AHeaderOfZerosIsDamage) {
  EXPECT_EQ(inspect_log_tail(log_of({50}) + std::string(20, '\0')), LogTail::Damaged);
}

TEST_F(LogTailTest, ABatchThatIsMissingOrRepeatedIsDamage) {
  const std::string first = log_of({300});
  const std::string log = log_of({300, 200, 100});
  const std::string second = log_of({300, 200}).substr(first.size());
  const std::string third = log.substr(first.size() + second.size());
  const auto inspect = [](const std::string& text) {
    return inspect_log_tail(text, LogHolds::Batches);
  };
  EXPECT_EQ(inspect(log), LogTail::Clean);
  EXPECT_EQ(inspect(second + third), LogTail::Clean) << "a log may begin anywhere";
  EXPECT_EQ(inspect(first + third), LogTail::Damaged);
  EXPECT_EQ(inspect(first + second + second), LogTail::Damaged);
  EXPECT_EQ(inspect_log_tail(first + third), LogTail::Clean) << "of what holds no batches";
  for (std::size_t size = 0; size <= log.size(); ++size) {
    ASSERT_NE(inspect(log.substr(0, size)), LogTail::Damaged) << size;
  }
}

TEST_F(LogTailTest, SequencesGoOnWhereABlockEndsWithinThem) {
  for (std::size_t spare = 0; spare < 30; ++spare) {
    const std::string log = log_of({kBlockBytes - 7 - 12 - 6 - spare, 50, 50});
    EXPECT_EQ(inspect_log_tail(log, LogHolds::Batches), LogTail::Clean) << spare;
  }
}

TEST_F(LogTailTest, AHeaderThatWasHitGivesItselfAwayByWhatFollows) {
  const std::string first = log_of({300});
  std::string log = log_of({300, 200, 100});
  // A length that reaches beyond the end.
  log[first.size() + 4] = '\xff';
  log[first.size() + 5] = '\x10';
  log[first.size()] = static_cast<char>(log[first.size()] ^ 1);
  EXPECT_EQ(inspect_log_tail(log), LogTail::Damaged);
}

}  // namespace
}  // namespace faultline::regions
