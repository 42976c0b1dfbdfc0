#include "regions/replication/replica_link.h"

#include <algorithm>
#include <utility>

#include <boost/mpl/vector/vector30.hpp>

#include "regions/replication/machine_table.h"

namespace faultline::regions {
namespace {

namespace mpl = boost::mpl;
namespace msm = boost::msm;
using boost::msm::front::none;
using boost::msm::front::Row;
using Effect = ReplicaLink::Effect;

// ---- events -------------------------------------------------------------------------------------
struct WasInSync {
  std::uint64_t sequence;
};
struct WasFailed {
  std::uint64_t target;
  std::uint64_t acked;
};
struct Changed {
  std::uint64_t target;
  std::uint64_t acked;
};
struct Retried {};
struct Prepared {};
struct Refused {
  std::uint64_t sequence;
  Refusal refusal;
  std::string reason;
};
struct Acked {
  std::uint64_t sequence;
};
struct TimedOut {};
struct Fenced {};

struct LinkMachine : msm::front::state_machine_def<LinkMachine> {
  // An exception of an action would otherwise be swallowed, and the event reported as handled.
  using no_exception_thrown = int;
  using no_message_queue = int;

  std::uint32_t max_attempts = 1;
  // D02: any acknowledgement settles the link.
  bool any_ack_settles = false;
  std::uint64_t target = 0;
  std::uint64_t acked = 0;
  std::uint32_t attempts = 0;
  std::string reason;
  ReplicaLink::Effects effects;

  struct New : msm::front::state<> {};
  struct Preparing : msm::front::state<> {};
  struct Waiting : msm::front::state<> {};
  struct InSync : msm::front::state<> {};
  struct Failed : msm::front::state<> {};
  struct Gone : msm::front::state<> {};
  using initial_state = New;

  // ---- guards: questions ------------------------------------------------------------------------
  struct is_latest {
    template <class Fsm, class S, class T>
    bool operator()(const Acked& event, Fsm& m, S&, T&) const {
      return event.sequence >= m.target || m.any_ack_settles;
    }
  };
  struct is_behind {
    template <class Fsm, class S, class T>
    bool operator()(const Acked& event, Fsm& m, S&, T&) const {
      return event.sequence < m.target && !m.any_ack_settles;
    }
  };
  struct attempts_left {
    template <class Fsm, class S, class T>
    bool operator()(const TimedOut&, Fsm& m, S&, T&) const {
      return m.attempts < m.max_attempts;
    }
  };
  struct attempts_spent {
    template <class Fsm, class S, class T>
    bool operator()(const TimedOut&, Fsm& m, S&, T&) const {
      return m.attempts >= m.max_attempts;
    }
  };
  template <Refusal kind>
  struct is_refusal {
    template <class Fsm, class S, class T>
    bool operator()(const Refused& event, Fsm& m, S&, T&) const {
      return event.sequence == m.target && event.refusal == kind;
    }
  };
  struct is_final : is_refusal<Refusal::Final> {};
  struct is_temporary : is_refusal<Refusal::Temporary> {};
  struct needs_everything : is_refusal<Refusal::NeedsEverything> {};

  // ---- actions: they record and emit, and decide nothing ----------------------------------------
  struct recall {
    template <class Fsm, class S, class T>
    void operator()(const WasInSync& event, Fsm& m, S&, T&) const {
      m.target = m.acked = event.sequence;
    }
    template <class Fsm, class S, class T>
    void operator()(const WasFailed& event, Fsm& m, S&, T&) const {
      m.target = event.target;
      m.acked = event.acked;
    }
  };
  struct note_target {
    template <class Fsm, class S, class T>
    void operator()(const Changed& event, Fsm& m, S&, T&) const {
      m.target = event.target;
      m.acked = std::max(m.acked, event.acked);
      m.attempts = 0;
      m.reason.clear();
    }
  };
  struct prepare {
    template <class Fsm, class S, class T>
    void operator()(const Changed& event, Fsm& m, S& s, T& t) const {
      note_target()(event, m, s, t);
      m.effects.add(Effect::Prepare);
    }
    template <class Fsm, class S, class T>
    void operator()(const Retried&, Fsm& m, S&, T&) const {
      m.attempts = 0;
      m.reason.clear();
      m.effects.add(Effect::Prepare);
    }
    template <class Fsm, class S, class T>
    void operator()(const TimedOut&, Fsm& m, S&, T&) const {
      m.effects.add(Effect::Prepare);
    }
  };
  struct prepare_everything {
    template <class Fsm, class S, class T>
    void operator()(const Refused&, Fsm& m, S&, T&) const {
      m.acked = 0;
      m.effects.add(Effect::Prepare);
    }
  };
  struct send {
    template <class Fsm, class S, class T>
    void operator()(const Prepared&, Fsm& m, S&, T&) const {
      ++m.attempts;
      m.effects.add(Effect::Send);
    }
  };
  struct note_ack {
    template <class Fsm, class S, class T>
    void operator()(const Acked& event, Fsm& m, S&, T&) const {
      m.acked = std::max(m.acked, event.sequence);
    }
  };
  struct settle {
    template <class Fsm, class S, class T>
    void operator()(const Acked& event, Fsm& m, S& s, T& t) const {
      note_ack()(event, m, s, t);
      m.reason.clear();
      m.effects.add(Effect::CommitInSync);
    }
  };
  struct note_reason {
    template <class Fsm, class S, class T>
    void operator()(const Refused& event, Fsm& m, S&, T&) const {
      m.reason = event.reason;
    }
  };
  // Our own KMS is down for the moment: this counts as an attempt, or a KMS that stays down would
  // be asked for ever.
  struct wait {
    template <class Fsm, class S, class T>
    void operator()(const Refused& event, Fsm& m, S&, T&) const {
      ++m.attempts;
      m.reason = event.reason;
      m.effects.add(Effect::SetTimer);
    }
  };
  struct give_up {
    template <class Fsm, class S, class T>
    void operator()(const Refused& event, Fsm& m, S&, T&) const {
      m.reason = event.reason;
      m.effects.add(Effect::CommitFailed);
    }
    // The last temporary refusal says more than "no answer", if there was one.
    template <class Fsm, class S, class T>
    void operator()(const TimedOut&, Fsm& m, S&, T&) const {
      if (m.reason.empty())
        m.reason = "Replication failed: Secret replication failed due to a network error.";
      m.effects.add(Effect::CommitFailed);
    }
  };
  struct forget {
    template <class Fsm, class S, class T>
    void operator()(const Fenced&, Fsm& m, S&, T&) const {
      m.effects.add(Effect::Erase);
    }
  };

  // clang-format off
  struct transition_table : mpl::vector27<
  //    from       , on        , to        , do                 , if
  Row<  New        , Changed   , Preparing , prepare            , none             >,
  Row<  New        , WasInSync , InSync    , recall             , none             >,
  Row<  New        , WasFailed , Failed    , recall             , none             >,
  // ---- opening the values, sealing them for the way ----------------------------------------
  Row<  Preparing  , Prepared  , Waiting   , send               , none             >,
  Row<  Preparing  , Refused   , Failed    , give_up            , is_final         >,
  Row<  Preparing  , Refused   , Waiting   , wait               , is_temporary     >,
  Row<  Preparing  , Changed   , Preparing , note_target        , none             >,
  Row<  Preparing  , Acked     , InSync    , settle             , is_latest        >,
  Row<  Preparing  , Acked     , Preparing , note_ack           , is_behind        >,
  Row<  Preparing  , Fenced    , Gone      , forget             , none             >,
  // ---- on its way ----------------------------------------------------------------------------
  Row<  Waiting    , Acked     , InSync    , settle             , is_latest        >,
  Row<  Waiting    , Acked     , Waiting   , note_ack           , is_behind        >,
  Row<  Waiting    , Changed   , Preparing , prepare            , none             >,
  Row<  Waiting    , TimedOut  , Preparing , prepare            , attempts_left    >,
  Row<  Waiting    , TimedOut  , Failed    , give_up            , attempts_spent   >,
  Row<  Waiting    , Refused   , Failed    , give_up            , is_final         >,
  Row<  Waiting    , Refused   , Waiting   , note_reason        , is_temporary     >,
  Row<  Waiting    , Refused   , Preparing , prepare_everything , needs_everything >,
  Row<  Waiting    , Fenced    , Gone      , forget             , none             >,
  // ---- there -----------------------------------------------------------------------------------
  Row<  InSync     , Changed   , Preparing , prepare            , none             >,
  Row<  InSync     , Retried   , Preparing , prepare            , none             >,
  Row<  InSync     , Fenced    , Gone      , forget             , none             >,
  // ---- failed: stays so until the secret changes or the user asks again; a late answer still counts
  Row<  Failed     , Changed   , Preparing , prepare            , none             >,
  Row<  Failed     , Retried   , Preparing , prepare            , none             >,
  Row<  Failed     , Acked     , InSync    , settle             , is_latest        >,
  Row<  Failed     , Acked     , Failed    , note_ack           , is_behind        >,
  Row<  Failed     , Fenced    , Gone      , forget             , none             >
  > {};
  // clang-format on

  // Messages come late and twice: an event without a row is ordinary, and reported as
  // Fired::Unexpected.
  template <class Fsm, class Event>
  void no_transition(const Event&, Fsm&, int) {}
};

using Backend = msm::back::state_machine<LinkMachine>;

template <class State>
constexpr int id = machine_table::position<Backend, State>;
static_assert(id<LinkMachine::New> == static_cast<int>(LinkState::New));
static_assert(id<LinkMachine::Preparing> == static_cast<int>(LinkState::Preparing));
static_assert(id<LinkMachine::Waiting> == static_cast<int>(LinkState::Waiting));
static_assert(id<LinkMachine::InSync> == static_cast<int>(LinkState::InSync));
static_assert(id<LinkMachine::Failed> == static_cast<int>(LinkState::Failed));
static_assert(id<LinkMachine::Gone> == static_cast<int>(LinkState::Gone));

}  // namespace

std::string_view to_string(LinkState state) {
  switch (state) {
    case LinkState::New:
      return "New";
    case LinkState::Preparing:
      return "Preparing";
    case LinkState::Waiting:
      return "Waiting";
    case LinkState::InSync:
      return "InSync";
    case LinkState::Failed:
      return "Failed";
    case LinkState::Gone:
      return "Gone";
  }
  return "";
}

struct ReplicaLink::Machine : machine_table::Frame<Backend> {
  template <class Event>
  Outcome handle(const Event& event) {
    fsm.effects = {};
    const Fired fired = process(event);
    return {fired, fsm.effects};
  }
};

ReplicaLink::ReplicaLink(std::uint32_t max_attempts, Defects defects) : machine_(Machine()) {
  machine_->fsm.max_attempts = std::max(max_attempts, 1U);
  machine_->fsm.any_ack_settles = defects.has(Defect::D02);
  machine_->fsm.start();
}
ReplicaLink::ReplicaLink(const ReplicaLink&) = default;
ReplicaLink& ReplicaLink::operator=(const ReplicaLink&) = default;
ReplicaLink::ReplicaLink(ReplicaLink&&) noexcept = default;
ReplicaLink& ReplicaLink::operator=(ReplicaLink&&) noexcept = default;
ReplicaLink::~ReplicaLink() = default;

ReplicaLink::Outcome ReplicaLink::was_in_sync(std::uint64_t sequence) {
  return machine_->handle(WasInSync{sequence});
}
ReplicaLink::Outcome ReplicaLink::was_failed(std::uint64_t target, std::uint64_t acked) {
  return machine_->handle(WasFailed{target, acked});
}
ReplicaLink::Outcome ReplicaLink::changed(std::uint64_t target, std::uint64_t acked) {
  return machine_->handle(Changed{target, acked});
}
ReplicaLink::Outcome ReplicaLink::retried() { return machine_->handle(Retried{}); }
ReplicaLink::Outcome ReplicaLink::prepared() { return machine_->handle(Prepared{}); }
ReplicaLink::Outcome ReplicaLink::refused(std::uint64_t sequence, Refusal refusal,
                                          std::string reason) {
  return machine_->handle(Refused{sequence, refusal, std::move(reason)});
}
ReplicaLink::Outcome ReplicaLink::acked(std::uint64_t sequence) {
  return machine_->handle(Acked{sequence});
}
ReplicaLink::Outcome ReplicaLink::timed_out() { return machine_->handle(TimedOut{}); }
ReplicaLink::Outcome ReplicaLink::fenced() { return machine_->handle(Fenced{}); }

LinkState ReplicaLink::state() const { return machine_->state<LinkState>(); }
std::uint64_t ReplicaLink::target() const { return machine_->fsm.target; }
std::uint64_t ReplicaLink::acked_sequence() const { return machine_->fsm.acked; }
std::uint32_t ReplicaLink::attempts() const { return machine_->fsm.attempts; }
const std::string& ReplicaLink::reason() const { return machine_->fsm.reason; }

std::string ReplicaLink::describe() {
  return machine_table::markdown<LinkMachine::transition_table>();
}

}  // namespace faultline::regions
