// Everything an embedder needs: build a world, call it, break it, look at it; load a scenario, run
// it, replay it.
//
//     faultline::regions::World world({.regions = {"us-west-2", "us-east-1"}, .seed = 7});
//     auto west = world.client("us-west-2");
//     west.create_secret("db", "hunter2", {"us-east-1"});
//     world.run_for(faultline::engine::Duration::seconds(5));
//     world.cut("us-west-2", "us-east-1");
//     west.put("db", "hunter3");
//
// For a replication protocol of your own: regions/replication/protocol.h.
#pragma once

#include "engine/simulation.h"             // IWYU pragma: export
#include "regions/build_id.h"              // IWYU pragma: export
#include "regions/inspector.h"             // IWYU pragma: export
#include "regions/replication/protocol.h"  // IWYU pragma: export
#include "regions/runner.h"                // IWYU pragma: export
#include "regions/scenario_loader.h"       // IWYU pragma: export
#include "regions/world.h"                 // IWYU pragma: export
