// A replication protocol that is wrong on purpose: it calls a replica InSync as soon as it has sent
// something, and never listens.
#pragma once

#include <memory>

#include "regions/replication/protocol.h"

std::shared_ptr<const faultline::regions::ProtocolRegistry> with_hasty_protocol();
