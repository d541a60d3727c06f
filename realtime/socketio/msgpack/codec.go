// Package msgpack is the other encoding of Socket.IO packets: MessagePack, one binary message a
// packet, as the npm package socket.io-msgpack-parser 3 makes and reads it. A server has it with
//
//	cfg.Codec = msgpack.Codec{}
//
// and all its clients must have the parser.
//
// Binary is msgpack's bin, or what the npm package makes of an ArrayBuffer. Its undefined is
// treated as JSON.stringify does, as are NaN and infinities, and a Date arrives as the same
// text. Integers of 64 bits stay exact; all other numbers are float64.
package msgpack

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"roomline/realtime/socketio"
)

// Bounds of a message; it is decoded into JSON of six times its size at most.
const (
	maxDepth       = 64   // nested arrays and maps
	maxAttachments = 1000 // Config.MaxAttachments is meant to be stricter
)

// placeholder is the key by which JSON refers to an attachment.
const placeholder = "_placeholder"

var errDepth = fmt.Errorf("nested deeper than %d", maxDepth)

// Codec implements socketio.Codec.
type Codec struct{}

// envelope is a packet, as msgpack has it.
type envelope struct {
	Type *socketio.PacketType `json:"type"` // 0 to 4
	Data json.RawMessage      `json:"data,omitempty"`
	ID   *uint64              `json:"id,omitempty"`
	NSP  string               `json:"nsp"`
}

// Encode encodes a packet.
func (Codec) Encode(p socketio.Packet, attachments [][]byte) ([]byte, error) {
	t := p.Type - socketio.PacketConnect
	e := envelope{Type: &t, Data: p.Data, NSP: p.Namespace}
	if p.HasID {
		e.ID = &p.ID
	}
	text, err := json.Marshal(e)
	var message []byte
	if err == nil {
		message, err = fromJSON(text, attachments)
	}
	if err != nil {
		return nil, fmt.Errorf("encode msgpack: %w", err)
	}
	return message, nil
}

// Decode decodes a packet; attachments may share the memory of message. It refuses what is no
// packet, exceeds a bound or has no JSON: keys that are not strings, other extensions, and
// "_placeholder" as a key.
func (Codec) Decode(message []byte) (socketio.Packet, [][]byte, error) {
	text, attachments, err := toJSON(message)
	var e envelope
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	switch {
	case err != nil:
	case e.Type == nil || *e.Type > socketio.PacketConnectError-socketio.PacketConnect:
		err = errors.New("type of packet")
	case !strings.HasPrefix(e.NSP, "/"), strings.Contains(e.NSP, ","):
		err = errors.New("namespace") // the text of a packet could not name it
	}
	if err != nil {
		return socketio.Packet{}, nil, fmt.Errorf("decode msgpack: %w", err)
	}
	p := socketio.Packet{Type: socketio.PacketConnect + *e.Type, Namespace: e.NSP, Data: e.Data, HasID: e.ID != nil}
	if p.HasID {
		p.ID = *e.ID
	}
	return p, attachments, nil
}
