// ClientStory: draws the calls of a workload, one after the other. It remembers which secrets,
// versions and replicas should be there, so that most calls make sense; whether they succeed it
// never knows. Every write carries a ClientRequestToken, which is also its version's id: that is how
// later calls can name it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/scenario.pb.h"
#include "regions/explore/draw.h"
#include "regions/explore/luck.h"

namespace faultline::regions::explore {

class ClientStory {
 public:
  // All outlive the story.
  ClientStory(const v1::Scenario& base, const Style& style, Luck& luck);

  // The calls that make the secrets, where the base has none.
  void begin(std::vector<v1::Step>& steps);
  // The next call; at times two that belong together.
  void next(std::vector<v1::Step>& steps);

  // Where a secret's primary should be, and one of the other regions: for faults to aim at.
  struct Pair {
    std::string primary;
    std::string replica;
  };
  Pair pair();

 private:
  struct Secret {
    std::string name;
    std::string primary;
    std::vector<std::string> replicas;
    std::vector<std::string> promoted;
    std::vector<std::string> versions;  // tokens, oldest first
    std::vector<v1::Step> writes;       // the last ones, to be sent again
    bool deleted = false;
    std::uint64_t values = 0;
  };

  Secret& some_secret();
  std::string some_region(const Secret& secret);  // the primary, mostly
  std::string other_region(const Secret& secret);
  std::string some_replica(const Secret& secret);
  std::string some_key(const std::string& region);
  v1::Step& call(std::vector<v1::Step>& steps, const std::string& region);
  std::string new_value(Secret& secret);
  std::string new_version(Secret& secret);
  void create(Secret& secret, std::vector<v1::Step>& steps);
  void put(Secret& secret, std::vector<v1::Step>& steps);
  void update(Secret& secret, std::vector<v1::Step>& steps);
  void move_label(Secret& secret, std::vector<v1::Step>& steps);
  void promote(Secret& secret, std::vector<v1::Step>& steps);
  void remove_region(Secret& secret, std::vector<v1::Step>& steps);
  void add_region(Secret& secret, std::vector<v1::Step>& steps);
  void ask_again(Secret& secret, std::vector<v1::Step>& steps);
  void remove(Secret& secret, std::vector<v1::Step>& steps);
  void restore(Secret& secret, std::vector<v1::Step>& steps);
  void change_key(Secret& secret, std::vector<v1::Step>& steps);
  void tag(Secret& secret, std::vector<v1::Step>& steps);
  void send_again(Secret& secret, std::vector<v1::Step>& steps);
  void clash(Secret& secret, std::vector<v1::Step>& steps);
  void misplace(Secret& secret, std::vector<v1::Step>& steps);
  void read(Secret& secret, std::vector<v1::Step>& steps);
  void look(Secret& secret, std::vector<v1::Step>& steps);
  void read_batch(Secret& secret, std::vector<v1::Step>& steps);
  void make_password(Secret& secret, std::vector<v1::Step>& steps);
  void put_policy(Secret& secret, std::vector<v1::Step>& steps);

  const v1::Scenario& base_;
  const Style& style_;
  Luck& luck_;
  std::vector<std::string> regions_;
  std::vector<Secret> secrets_;
  std::size_t made_by_base_ = 0;
};

}  // namespace faultline::regions::explore
