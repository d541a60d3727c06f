// Package engineio is the server side of Engine.IO v4 without a network: packets and
// payloads, the session with its outbox, heartbeat and upgrade, and the registry of
// sessions. It imports the standard library only; package transport binds it to Fiber.
//
// The session, not the transport, owns what is still to be sent. A transport is a Puller:
// it is woken when packets wait and takes them out. Polling pulls with each GET, a
// WebSocket for as long as it lives, and an upgrade is a change of puller.
package engineio
