package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// PacketType is the first character of a packet.
// Socket.IO protocol v5, "Packet encoding".
type PacketType byte

// The packet types of Socket.IO v5.
const (
	PacketConnect      PacketType = '0'
	PacketDisconnect   PacketType = '1'
	PacketEvent        PacketType = '2'
	PacketAck          PacketType = '3'
	PacketConnectError PacketType = '4'
	PacketBinaryEvent  PacketType = '5'
	PacketBinaryAck    PacketType = '6'
)

// plain is the type without attachments.
func (t PacketType) plain() PacketType {
	switch t {
	case PacketBinaryEvent:
		return PacketEvent
	case PacketBinaryAck:
		return PacketAck
	}
	return t
}

// Packet is one decoded Socket.IO packet.
type Packet struct {
	Type        PacketType
	Attachments int    // binary attachments that follow
	Namespace   string // always begins with "/"
	HasID       bool
	ID          uint64          // of the acknowledgement, below 2^53
	Data        json.RawMessage // valid JSON, nil if there was none
	TooDeep     bool            // an event whose JSON is nested too deep to be looked at: Data is nil
}

const (
	maxAckID        = 1<<53 - 1 // the largest integer that every client can hold exactly
	maxNamespaceLen = 256       // bytes; longer names are nobody's
)

// errPacket is wrapped by every error that a malformed packet causes; the connection
// that sent it is closed with "parse error".
var errPacket = errors.New("malformed packet")

// decodePacket parses the text of one packet. It bounds everything before it parses
// JSON: at most maxAttachments attachments and maxDepth nested arrays and objects, 0 for any.
// data is kept by the result.
func decodePacket(data []byte, maxAttachments, maxDepth int) (Packet, error) {
	p := Packet{Namespace: "/"}
	if len(data) == 0 {
		return p, fmt.Errorf("%w: empty", errPacket)
	}
	p.Type = PacketType(data[0])
	if p.Type < PacketConnect || p.Type > PacketBinaryAck {
		return p, fmt.Errorf("%w: unknown type %q", errPacket, data[0])
	}
	rest := data[1:]
	if p.Type == PacketBinaryEvent || p.Type == PacketBinaryAck {
		n, after, ok := digits(rest, 9)
		if !ok || n == 0 || maxAttachments > 0 && n > uint64(maxAttachments) || len(after) == 0 || after[0] != '-' {
			return p, fmt.Errorf("%w: number of attachments", errPacket)
		}
		p.Attachments, rest = int(n), after[1:]
	}
	if len(rest) > 0 && rest[0] == '/' {
		name := rest
		if i := bytes.IndexByte(rest, ','); i >= 0 {
			name, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		p.Namespace = string(name)
	}
	if len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
		id, after, ok := digits(rest, 16)
		if !ok {
			return p, fmt.Errorf("%w: ack id", errPacket)
		}
		p.HasID, p.ID, rest = true, id, after
	}
	p.Data = bytes.TrimSpace(rest)
	if err := p.accept(maxDepth); err != nil || p.TooDeep {
		return p, err
	}
	if len(p.Data) > 0 && !json.Valid(p.Data) {
		return p, fmt.Errorf("%w: payload is not JSON", errPacket)
	}
	return p, nil
}

// accept holds a packet against what its type allows, and against the bounds.
func (p *Packet) accept(maxDepth int) error {
	switch {
	case len(p.Namespace) > maxNamespaceLen:
		return fmt.Errorf("%w: namespace of %d bytes", errPacket, len(p.Namespace))
	case p.HasID && p.ID > maxAckID:
		return fmt.Errorf("%w: ack id", errPacket)
	case maxDepth > 0 && !shallow(p.Data, maxDepth):
		if p.Type.plain() != PacketEvent {
			return fmt.Errorf("%w: nested deeper than %d", errPacket, maxDepth)
		}
		p.TooDeep, p.Data = true, nil
		return nil
	}
	return p.check()
}

// check holds the payload against what its type allows a client to send.
func (p Packet) check() error {
	var first byte
	if len(p.Data) > 0 {
		first = p.Data[0]
	}
	ok := false
	switch p.Type {
	case PacketConnect:
		ok = first == 0 || first == '{'
	case PacketDisconnect:
		ok = first == 0
	case PacketEvent, PacketBinaryEvent:
		ok = first == '['
	case PacketAck, PacketBinaryAck:
		ok = first == '[' && p.HasID
	}
	if !ok {
		return fmt.Errorf("%w: payload does not fit type %q", errPacket, byte(p.Type))
	}
	return nil
}

// digits reads a decimal number of at most limit digits.
func digits(b []byte, limit int) (n uint64, rest []byte, ok bool) {
	i := 0
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		if i == limit {
			return 0, b, false
		}
		n = n*10 + uint64(b[i]-'0')
		i++
	}
	return n, b[i:], i > 0
}

// shallow reports whether no array or object of b is nested deeper than limit. It is
// run before a JSON decoder, whose stack a deep text would grow.
func shallow(b []byte, limit int) bool {
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString:
			if c == '\\' {
				i++
			} else if c == '"' {
				inString = false
			}
		case c == '"':
			inString = true
		case c == '[' || c == '{':
			if depth++; depth > limit {
				return false
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return true
}

// maxHeaderLen is what a header has at most beside the namespace: type, number of attachments,
// two separators and the id.
const maxHeaderLen = 1 + 20 + 2 + 20

// appendHeader appends everything of a packet that stands before its payload.
func appendHeader(dst []byte, t PacketType, attachments int, namespace string, hasID bool, id uint64) []byte {
	dst = append(dst, byte(t))
	if attachments > 0 {
		dst = strconv.AppendInt(dst, int64(attachments), 10)
		dst = append(dst, '-')
	}
	if namespace != "/" {
		dst = append(dst, namespace...)
		dst = append(dst, ',')
	}
	if hasID {
		dst = strconv.AppendUint(dst, id, 10)
	}
	return dst
}

// reserved are the names of events that the libraries use for themselves: a client that
// sends one is broken, and a server must not emit one.
func reserved(event string) bool {
	switch event {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}

// splitEvent takes the array of an event apart: its name, and the arguments.
func splitEvent(data json.RawMessage) (string, []json.RawMessage, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil || len(parts) == 0 {
		return "", nil, fmt.Errorf("%w: event without a name", errPacket)
	}
	var name string
	switch c := parts[0][0]; {
	case c == '"':
		if err := json.Unmarshal(parts[0], &name); err != nil {
			return "", nil, fmt.Errorf("%w: event name", errPacket)
		}
	case c == '-' || c >= '0' && c <= '9': // numeric names are legal
		name = string(parts[0])
	default:
		return "", nil, fmt.Errorf("%w: event name is neither string nor number", errPacket)
	}
	if reserved(name) {
		return "", nil, fmt.Errorf("%w: reserved event %q", errPacket, name)
	}
	return name, parts[1:], nil
}
