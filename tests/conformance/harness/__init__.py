"""What the conformance tests have in common: servers, clients, and the check of every answer against the service models."""
