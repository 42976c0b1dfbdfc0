#include "regions/replication/replica_copy.h"

#include <utility>

#include <boost/mpl/vector/vector30.hpp>

#include "proto/check.h"
#include "regions/replication/machine_table.h"

namespace faultline::regions {
namespace {

namespace mpl = boost::mpl;
namespace msm = boost::msm;
using boost::msm::front::none;
using boost::msm::front::Row;
using Effect = ReplicaCopy::Effect;

// ---- events -------------------------------------------------------------------------------------
struct FoundNothing {};
struct FoundReplica {};
struct FoundOther {};
struct Offered {
  Verdict verdict;
  ReplicaCopy::Order order;
};
struct KeysReady {};
struct KeysRefused {};
struct Durable {};
struct Promoted {};
struct Removed {};

struct CopyMachine : msm::front::state_machine_def<CopyMachine> {
  // An exception of an action would otherwise be swallowed, and the event reported as handled.
  using no_exception_thrown = int;
  using no_message_queue = int;

  // The offer that is being worked on, and what was here before it.
  ReplicaCopy::Order order;
  CopyState before = CopyState::New;
  bool has_effect = false;
  Effect effect = Effect::Refuse;

  struct New : msm::front::state<> {};
  struct Absent : msm::front::state<> {};
  struct Preparing : msm::front::state<> {};
  struct Storing : msm::front::state<> {};
  struct Following : msm::front::state<> {};
  struct Independent : msm::front::state<> {};
  using initial_state = New;

  // ---- guards: questions ------------------------------------------------------------------------
  template <Verdict wanted>
  struct has_verdict {
    template <class Fsm, class S, class T>
    bool operator()(const Offered& event, Fsm&, S&, T&) const {
      return event.verdict == wanted;
    }
  };
  struct is_news : has_verdict<Verdict::Take> {};
  struct is_known : has_verdict<Verdict::Known> {};
  struct is_unwelcome : has_verdict<Verdict::Refuse> {};
  struct is_newer {
    template <class Fsm, class S, class T>
    bool operator()(const Offered& event, Fsm& m, S&, T&) const {
      return event.verdict == Verdict::Take && event.order > m.order;
    }
  };
  template <CopyState state>
  struct was {
    template <class Fsm, class S, class T>
    bool operator()(const KeysRefused&, Fsm& m, S&, T&) const {
      return m.before == state;
    }
  };
  struct was_absent : was<CopyState::Absent> {};
  struct was_following : was<CopyState::Following> {};
  struct was_independent : was<CopyState::Independent> {};

  // ---- actions: they record and emit, and decide nothing ----------------------------------------
  template <Effect what>
  struct emit {
    template <class Event, class Fsm, class S, class T>
    void operator()(const Event&, Fsm& m, S&, T&) const {
      m.has_effect = true;
      m.effect = what;
    }
  };
  struct commit : emit<Effect::Commit> {};
  struct acknowledge : emit<Effect::Acknowledge> {};
  struct refuse : emit<Effect::Refuse> {};
  template <CopyState from>
  struct ask_for_keys_from {
    template <class Fsm, class S, class T>
    void operator()(const Offered& event, Fsm& m, S& s, T& t) const {
      m.order = event.order;
      m.before = from;
      emit<Effect::AskForKeys>()(event, m, s, t);
    }
  };
  struct ask_for_keys_afresh : ask_for_keys_from<CopyState::Absent> {};
  struct ask_for_keys : ask_for_keys_from<CopyState::Following> {};
  struct ask_for_keys_to_overwrite : ask_for_keys_from<CopyState::Independent> {};
  struct take_newer_instead {
    template <class Fsm, class S, class T>
    void operator()(const Offered& event, Fsm& m, S& s, T& t) const {
      m.order = event.order;
      emit<Effect::AskForKeys>()(event, m, s, t);
    }
  };

  // clang-format off
  struct transition_table : mpl::vector25<
  //    from        , on           , to          , do                        , if
  Row<  New         , FoundNothing , Absent      , none                      , none            >,
  Row<  New         , FoundReplica , Following   , none                      , none            >,
  Row<  New         , FoundOther   , Independent , none                      , none            >,
  // ---- no secret of this name ----------------------------------------------------------------------
  Row<  Absent      , Offered      , Preparing   , ask_for_keys_afresh       , is_news         >,
  Row<  Absent      , Offered      , Absent      , refuse                    , is_unwelcome    >,
  // ---- data keys are being made --------------------------------------------------------------------
  Row<  Preparing   , KeysReady    , Storing     , commit                    , none            >,
  Row<  Preparing   , KeysRefused  , Absent      , refuse                    , was_absent      >,
  Row<  Preparing   , KeysRefused  , Following   , refuse                    , was_following   >,
  Row<  Preparing   , KeysRefused  , Independent , refuse                    , was_independent >,
  Row<  Preparing   , Offered      , Preparing   , take_newer_instead        , is_newer        >,
  Row<  Preparing   , Offered      , Preparing   , refuse                    , is_unwelcome    >,
  Row<  Preparing   , Promoted     , Independent , none                      , none            >,
  Row<  Preparing   , Removed      , Absent      , none                      , none            >,
  // ---- becoming durable ----------------------------------------------------------------------------
  Row<  Storing     , Durable      , Following   , acknowledge               , none            >,
  Row<  Storing     , Offered      , Preparing   , ask_for_keys              , is_newer        >,
  Row<  Storing     , Offered      , Storing     , refuse                    , is_unwelcome    >,
  Row<  Storing     , Promoted     , Independent , none                      , none            >,
  Row<  Storing     , Removed      , Absent      , none                      , none            >,
  // ---- a replica -----------------------------------------------------------------------------------
  Row<  Following   , Offered      , Preparing   , ask_for_keys              , is_news         >,
  Row<  Following   , Offered      , Following   , acknowledge               , is_known        >,
  Row<  Following   , Offered      , Following   , refuse                    , is_unwelcome    >,
  Row<  Following   , Promoted     , Independent , none                      , none            >,
  Row<  Following   , Removed      , Absent      , none                      , none            >,
  // ---- a secret of its own -------------------------------------------------------------------------
  Row<  Independent , Offered      , Independent , refuse                    , is_unwelcome    >,
  Row<  Independent , Offered      , Preparing   , ask_for_keys_to_overwrite , is_news         >
  > {};
  // clang-format on

  // Messages come late and twice: an event without a row is ordinary, and reported as
  // Fired::Unexpected.
  template <class Fsm, class Event>
  void no_transition(const Event&, Fsm&, int) {}
};

using Backend = msm::back::state_machine<CopyMachine>;

template <class State>
constexpr int id = machine_table::position<Backend, State>;
static_assert(id<CopyMachine::New> == static_cast<int>(CopyState::New));
static_assert(id<CopyMachine::Absent> == static_cast<int>(CopyState::Absent));
static_assert(id<CopyMachine::Preparing> == static_cast<int>(CopyState::Preparing));
static_assert(id<CopyMachine::Storing> == static_cast<int>(CopyState::Storing));
static_assert(id<CopyMachine::Following> == static_cast<int>(CopyState::Following));
static_assert(id<CopyMachine::Independent> == static_cast<int>(CopyState::Independent));

}  // namespace

std::string_view to_string(CopyState state) {
  switch (state) {
    case CopyState::New:
      return "New";
    case CopyState::Absent:
      return "Absent";
    case CopyState::Preparing:
      return "Preparing";
    case CopyState::Storing:
      return "Storing";
    case CopyState::Following:
      return "Following";
    case CopyState::Independent:
      return "Independent";
  }
  return "";
}

struct ReplicaCopy::Machine : machine_table::Frame<Backend> {
  template <class Event>
  Outcome handle(const Event& event) {
    fsm.has_effect = false;
    const Fired fired = process(event);
    return {fired, fsm.has_effect, fsm.effect};
  }
};

ReplicaCopy::ReplicaCopy(CopyState found) : machine_(Machine()) {
  machine_->fsm.start();
  switch (found) {
    case CopyState::Absent:
      machine_->handle(FoundNothing{});
      break;
    case CopyState::Following:
      machine_->handle(FoundReplica{});
      break;
    case CopyState::Independent:
      machine_->handle(FoundOther{});
      break;
    default:
      FL_CHECK(false) << "a store cannot hold a copy in state " << to_string(found);
  }
}
ReplicaCopy::ReplicaCopy(const ReplicaCopy&) = default;
ReplicaCopy& ReplicaCopy::operator=(const ReplicaCopy&) = default;
ReplicaCopy::ReplicaCopy(ReplicaCopy&&) noexcept = default;
ReplicaCopy& ReplicaCopy::operator=(ReplicaCopy&&) noexcept = default;
ReplicaCopy::~ReplicaCopy() = default;

ReplicaCopy::Outcome ReplicaCopy::offered(Verdict verdict, Order order) {
  return machine_->handle(Offered{verdict, order});
}
ReplicaCopy::Outcome ReplicaCopy::keys_ready() { return machine_->handle(KeysReady{}); }
ReplicaCopy::Outcome ReplicaCopy::keys_refused() { return machine_->handle(KeysRefused{}); }
ReplicaCopy::Outcome ReplicaCopy::durable() { return machine_->handle(Durable{}); }
ReplicaCopy::Outcome ReplicaCopy::promoted() { return machine_->handle(Promoted{}); }
ReplicaCopy::Outcome ReplicaCopy::removed() { return machine_->handle(Removed{}); }

CopyState ReplicaCopy::state() const { return machine_->state<CopyState>(); }
bool ReplicaCopy::at_rest() const {
  return state() != CopyState::Preparing && state() != CopyState::Storing;
}

std::string ReplicaCopy::describe() {
  return machine_table::markdown<CopyMachine::transition_table>();
}

}  // namespace faultline::regions
