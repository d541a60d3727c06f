package socketio

import (
	stdjson "encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"roomline/realtime/engineio"
)

// JSONAppender is an argument that writes its own JSON, valid and without reflection.
type JSONAppender interface {
	AppendJSON(dst []byte) []byte
}

// TailedJSON is a JSONAppender whose JSON ends as that of others does. As the one argument of an
// acknowledgement its end is not copied for each of them.
type TailedJSON interface {
	JSONAppender
	// SplitJSON appends what comes before the tail. The tail, which is not changed any more, ends
	// with a "]" more than the JSON has: the one that closes the list of arguments. It is nil if
	// there is none to be shared; then AppendJSON is called instead.
	SplitJSON(dst []byte) (head, tail []byte)
}

// An offset is written with a mark before it, so that no other argument is taken for one.
const (
	offsetMark = "~"
	offsetBase = 36
)

func parseOffset(text string) (uint64, error) {
	digits, ok := strings.CutPrefix(text, offsetMark)
	if !ok {
		return 0, fmt.Errorf("%w: offset %.40q", errPacket, text)
	}
	return strconv.ParseUint(digits, offsetBase, 64)
}

// Prepared is a packet encoded once, to be sent to any number of sockets of its
// namespace. It is immutable.
type Prepared struct {
	packets []engineio.Packet // header, then attachments: contiguous on the wire
}

// Size is the number of bytes that each recipient's outbox has to hold.
func (p Prepared) Size() int {
	n := 0
	for _, packet := range p.packets {
		n += packet.Len() + 1
	}
	return n
}

// Text is the packet's text: its header, and the list of the event's name and arguments. It is not
// to be changed. With Config.Codec it is the packet as that encodes it.
func (p Prepared) Text() []byte { return p.packets[0].Data }

// prepare is the inverse of Prepared.bytes.
func prepare(packet [][]byte) Prepared {
	var p Prepared
	for i, data := range packet {
		p.packets = append(p.packets, engineio.Packet{Type: engineio.Message, Binary: i > 0, Data: data})
	}
	return p
}

// bytes is the text of the packet, then its attachments.
func (p Prepared) bytes() [][]byte {
	all := make([][]byte, len(p.packets))
	for i, packet := range p.packets {
		all[i] = packet.Data
	}
	return all
}

// plain is the packet with the hint not to compress it.
func (p Prepared) plain() Prepared {
	packets := slices.Clone(p.packets)
	for i := range packets {
		packets[i].Plain = true
	}
	return Prepared{packets}
}

// withOffset is an event with one argument more.
func (p Prepared) withOffset(offset uint64) Prepared {
	text := p.packets[0].Data
	text = append(append(make([]byte, 0, len(text)+16), text[:len(text)-1]...), `,"`+offsetMark...)
	text = append(strconv.AppendUint(text, offset, offsetBase), '"', ']')
	return prepare(append([][]byte{text}, p.bytes()[1:]...))
}

// withID is an event that asks for an acknowledgement.
func (p Prepared) withID(id uint64) (Prepared, error) {
	packet, err := decodePacket(p.packets[0].Data, 0, 0)
	if err != nil {
		return Prepared{}, err
	}
	text := appendHeader(nil, packet.Type, packet.Attachments, packet.Namespace, true, id)
	return prepare(append([][]byte{append(text, packet.Data...)}, p.bytes()[1:]...)), nil
}

// event takes an event apart.
func (p Prepared) event() (string, Args, error) {
	packet, err := decodePacket(p.packets[0].Data, 0, 0)
	if err != nil {
		return "", Args{}, err
	}
	return decodeEvent(packet, p.bytes()[1:])
}

// args are those of an acknowledgement.
func (p Prepared) args() (Args, error) {
	if len(p.packets) == 0 {
		return Args{}, errPacket
	}
	packet, err := decodePacket(p.packets[0].Data, 0, 0)
	if err != nil {
		return Args{}, err
	}
	return decodeAck(packet, p.bytes()[1:])
}

// encodeEvent encodes an event that asks for no acknowledgement.
func encodeEvent(namespace, event string, args []any) (Prepared, error) {
	if reserved(event) {
		return Prepared{}, fmt.Errorf("socketio: the event name %q is reserved", event)
	}
	p, err := encodeList(PacketEvent, namespace, false, 0, append([]any{event}, args...))
	if err != nil {
		return Prepared{}, fmt.Errorf("socketio: encode event %q: %w", event, err)
	}
	return p, nil
}

// tailedAck is the acknowledgement of the event with that id by a reply that ends as others do.
// It is sent, and not taken apart. False: it is one like any other.
func (s *Socket) tailedAck(id uint64, args []any) (Prepared, bool) {
	if len(args) != 1 || s.namespace.server.cfg.Codec != nil {
		return Prepared{}, false
	}
	reply, ok := args[0].(TailedJSON)
	if !ok {
		return Prepared{}, false
	}
	const usual = 1 << 10 // bytes of what is not shared
	data := append(appendHeader(make([]byte, 0, usual), PacketAck, 0, s.namespace.name, true, id), '[')
	data, tail := reply.SplitJSON(data)
	return Prepared{[]engineio.Packet{{Type: engineio.Message, Data: data, Tail: tail}}}, tail != nil
}

// encodeAck encodes the acknowledgement of the event with that id.
func encodeAck(namespace string, id uint64, args []any) (Prepared, error) {
	p, err := encodeList(PacketAck, namespace, true, id, args)
	if err != nil {
		return Prepared{}, fmt.Errorf("socketio: encode acknowledgement: %w", err)
	}
	return p, nil
}

// encodeList encodes a packet whose payload is a list of values. With binary in it the
// packet becomes the binary one of its kind. The header, which is known last, is put in front
// of the payload where room was left for it.
func encodeList(t PacketType, namespace string, hasID bool, id uint64, list []any) (Prepared, error) {
	var enc argEncoder
	room := len(namespace) + maxHeaderLen
	data := append(make([]byte, room, room+128), '[')
	for i, value := range list {
		if i > 0 {
			data = append(data, ',')
		}
		var err error
		if data, err = enc.append(data, value); err != nil {
			return Prepared{}, err
		}
	}
	data = append(data, ']')
	if len(enc.attachments) > 0 {
		t += PacketBinaryEvent - PacketEvent
	}
	head := appendHeader(make([]byte, 0, room), t, len(enc.attachments), namespace, hasID, id)
	data = data[room-len(head):]
	copy(data, head)
	if len(enc.attachments) == 0 {
		return Prepared{[]engineio.Packet{{Type: engineio.Message, Data: data}}}, nil
	}
	return prepare(append([][]byte{data}, enc.attachments...)), nil
}

// control encodes a packet whose payload is one JSON value or, with nil, none, as it is sent.
func (n *Namespace) control(t PacketType, payload any) ([]engineio.Packet, error) {
	return n.server.control(t, n.name, payload)
}

func (s *Server) control(t PacketType, namespace string, payload any) ([]engineio.Packet, error) {
	data := appendHeader(nil, t, 0, namespace, false, 0)
	if payload != nil {
		var err error
		if data, err = new(argEncoder).append(data, payload); err != nil {
			return nil, err
		}
	}
	p, err := s.wire(prepare([][]byte{data}))
	return p.packets, err
}

// argEncoder writes arguments by the rules of encoding/json, but as JSON.stringify would: <, >, &
// and the line separators stand for themselves. Each []byte in them becomes a placeholder.
type argEncoder struct {
	attachments [][]byte
	options     json.Options // nil until they are needed
}

func (e *argEncoder) reflecting() json.Options {
	if e.options == nil {
		e.options = json.JoinOptions(
			jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false), jsontext.EscapeForJS(false),
			json.WithMarshalers(json.JoinMarshalers(json.MarshalToFunc(e.attach), json.MarshalToFunc(writeNumber))),
		)
	}
	return e.options
}

// attach writes the placeholder of an attachment. Socket.IO protocol v5, "Binary event".
func (e *argEncoder) attach(enc *jsontext.Encoder, b []byte) error {
	e.attachments = append(e.attachments, b)
	return enc.WriteValue(fmt.Appendf(nil, `{"_placeholder":true,"num":%d}`, len(e.attachments)-1))
}

// writeNumber writes a number as it was received.
func writeNumber(enc *jsontext.Encoder, n stdjson.Number) error {
	return enc.WriteValue(jsontext.Value(n))
}

func (e *argEncoder) append(dst []byte, arg any) ([]byte, error) {
	switch v := arg.(type) {
	case JSONAppender:
		return v.AppendJSON(dst), nil
	case string:
		if quoted, err := jsontext.AppendQuote(dst, v); err == nil { // otherwise it is not UTF-8
			return quoted, nil
		}
	case stdjson.RawMessage:
		if len(v) > 0 {
			return append(dst, v...), nil
		}
		arg = nil
	}
	data, err := json.Marshal(arg, e.reflecting())
	return append(dst, data...), err
}
