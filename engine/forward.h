// The names of the engine, declared and not defined, for headers that only mention them.
//
// Trap     Generated protobuf headers are slow to compile, so the engine's headers declare the two
//          enums that they pass by value. Whoever names an enumerator (v1::TEAR, v1::STEP) includes
//          "proto/fault.pb.h" or "proto/trace.pb.h".
#pragma once

namespace faultline::v1 {
class Fault;
class TraceEvent;
enum EventKind : int;
enum TornTail : int;
}  // namespace faultline::v1

namespace faultline::engine {
class Actor;
class ActorContext;
class Clock;
class Disk;
class DiskBacking;
class DiskEnv;
class DiskImage;
class EventQueue;
class FaultDomain;
class FaultInjector;
class KeyedRandom;
class Network;
class Simulation;
class Trace;
class TraceSink;
struct ActorId;
struct LinkConditions;
struct TraceRecord;
}  // namespace faultline::engine
