package engineio

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// PacketType is the first character of a packet, as a number.
type PacketType uint8

// The packet types of Engine.IO v4.
const (
	Open    PacketType = iota // the handshake's answer
	Close                     // the transport is to be closed
	Ping                      // from the server; the client's only as a probe
	Pong                      // from the client; the server's only as a probe
	Message                   // what the layer above sends
	Upgrade                   // the client has changed its transport
	Noop                      // ends a poll that has nothing to say
)

// Packet is one unit of the protocol. Data is immutable once the packet was given to a
// session: the same bytes may be on their way to many. Only a Message can be Binary.
type Packet struct {
	Type   PacketType
	Binary bool
	Plain  bool // a hint for transports that compress: it is not worth it
	Data   []byte
	Tail   []byte // of a text: follows Data, for packets that end alike and begin differently
}

// Len is the number of bytes of data.
func (p Packet) Len() int { return len(p.Data) + len(p.Tail) }

// separator stands between the packets of a payload ("Packet encoding", HTTP long-polling).
const separator = 0x1e

// ErrMalformed is what decoding returns for bytes that are no packet.
var ErrMalformed = errors.New("engineio: malformed packet")

// AppendText appends the packet's text form: type and data, or b and base64 for a binary
// one. A WebSocket sends binary data raw instead, as a binary frame.
func (p Packet) AppendText(dst []byte) []byte {
	if p.Binary {
		dst = append(dst, 'b')
		return base64.StdEncoding.AppendEncode(dst, p.Data)
	}
	dst = append(dst, '0'+byte(p.Type))
	return append(append(dst, p.Data...), p.Tail...)
}

// AppendPayload appends the body of a poll that carries the packets.
func AppendPayload(dst []byte, packets []Packet) []byte {
	dst = slices.Grow(dst, size(packets...))
	for i, p := range packets {
		if i > 0 {
			dst = append(dst, separator)
		}
		dst = p.AppendText(dst)
	}
	return dst
}

// DecodeText decodes one packet from its text form. Data aliases text unless it was base64.
// The error is ErrMalformed, with what is wrong.
func DecodeText(text []byte) (Packet, error) {
	if len(text) == 0 {
		return Packet{}, fmt.Errorf("%w: it is empty", ErrMalformed)
	}
	kind, rest := text[0], text[1:]
	switch {
	case kind == 'b':
		data, err := base64.StdEncoding.AppendDecode(nil, rest)
		if err != nil {
			return Packet{}, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		return Packet{Type: Message, Binary: true, Data: data}, nil
	case kind < '0' || kind > '0'+byte(Noop):
		return Packet{}, fmt.Errorf("%w: unknown type %q", ErrMalformed, kind)
	}
	return Packet{Type: PacketType(kind - '0'), Data: rest}, nil
}

// CountPackets returns how many packets a payload claims to hold, without decoding it.
func CountPackets(payload []byte) int {
	return bytes.Count(payload, []byte{separator}) + 1
}

// LargestPacket returns the size in bytes of the largest packet of a payload, as it stands
// there: base64 counts as it is written.
func LargestPacket(payload []byte) (largest int) {
	for more := true; more; {
		var text []byte
		text, payload, more = bytes.Cut(payload, []byte{separator})
		largest = max(largest, len(text))
	}
	return largest
}

// DecodePayload yields the packets of a polling body in order. It ends after the first
// error, which is DecodeText's. Data aliases payload unless it was base64.
func DecodePayload(payload []byte) iter.Seq2[Packet, error] {
	return func(yield func(Packet, error) bool) {
		for more := true; more; {
			var text []byte
			text, payload, more = bytes.Cut(payload, []byte{separator})
			p, err := DecodeText(text)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}
