// For the .cpp files of the machines only: reads Boost.MSM's answers and prints a transition table
// as Markdown, so that the documentation cannot drift from the code.
#pragma once

#include <string>
#include <typeinfo>

#include <boost/core/demangle.hpp>
#include <boost/mpl/for_each.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>

#include "regions/replication/machine.h"

namespace faultline::regions::machine_table {

inline Fired fired(boost::msm::back::HandledEnum handled) {
  if ((handled & boost::msm::back::HANDLED_TRUE) != 0) return Fired::Moved;
  if ((handled & boost::msm::back::HANDLED_GUARD_REJECT) != 0) return Fired::Refused;
  return Fired::Unexpected;
}

// What stands around every back end: an event goes in, and what became of it comes out.
template <class Backend>
struct Frame {
  Backend fsm;

  template <class Event>
  Fired process(const Event& event) {
    return fired(fsm.process_event(event));
  }
  // As the enumeration that lists the states in the order of the table.
  template <class State>
  [[nodiscard]] State state() const {
    return static_cast<State>(fsm.current_state()[0]);
  }
};

// Where a state stands in that order.
template <class Backend, class State>
constexpr int position = boost::msm::back::get_state_id<typename Backend::stt, State>::value;

// The last word of a type's name; MSM's `none` is printed as nothing.
template <class T>
std::string word() {
  const std::string full = boost::core::demangle(typeid(T).name());
  const std::string name = full.substr(full.rfind(':') + 1);
  return name == "none" ? "" : name;
}

template <class Table>
std::string markdown() {
  std::string out = "| from | on | to | do | if |\n| --- | --- | --- | --- | --- |\n";
  boost::mpl::for_each<Table, boost::mpl::make_identity<>>(
      [&out]<class Row>(boost::mpl::identity<Row>) {
        out += "| " + word<typename Row::Source>() + " | " + word<typename Row::Evt>() + " | " +
               word<typename Row::Target>() + " | " + word<typename Row::Action>() + " | " +
               word<typename Row::Guard>() + " |\n";
      });
  return out;
}

}  // namespace faultline::regions::machine_table
