package socketio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"roomline/realtime/engineio"
)

// JSONAppender is an argument that writes its own JSON, valid and without reflection.
type JSONAppender interface {
	AppendJSON(dst []byte) []byte
}

// offsetBase is the base in which offsets are written.
const offsetBase = 36

// Prepared is a packet encoded once, to be sent to any number of sockets of its
// namespace. It is immutable.
type Prepared struct {
	packets []engineio.Packet // header, then attachments: contiguous on the wire
}

// Size is the number of bytes that each recipient's outbox has to hold.
func (p Prepared) Size() int {
	n := 0
	for _, packet := range p.packets {
		n += len(packet.Data) + 1
	}
	return n
}

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

// withOffset is an event with one argument more.
func (p Prepared) withOffset(offset uint64) Prepared {
	text := p.packets[0].Data
	text = append(append(make([]byte, 0, len(text)+16), text[:len(text)-1]...), ',', '"')
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

// encodeAck encodes the acknowledgement of the event with that id.
func encodeAck(namespace string, id uint64, args []any) (Prepared, error) {
	p, err := encodeList(PacketAck, namespace, true, id, args)
	if err != nil {
		return Prepared{}, fmt.Errorf("socketio: encode acknowledgement: %w", err)
	}
	return p, nil
}

// encodeList encodes a packet whose payload is a list of values. With binary in it the
// packet becomes the binary one of its kind.
func encodeList(t PacketType, namespace string, hasID bool, id uint64, list []any) (Prepared, error) {
	var attachments [][]byte
	body := append(make([]byte, 0, 128), '[')
	for i, value := range list {
		if i > 0 {
			body = append(body, ',')
		}
		var err error
		if body, attachments, err = appendArg(body, attachments, value); err != nil {
			return Prepared{}, err
		}
	}
	body = append(body, ']')
	if len(attachments) > 0 {
		t += PacketBinaryEvent - PacketEvent
	}
	head := appendHeader(make([]byte, 0, len(namespace)+len(body)+16), t, len(attachments), namespace, hasID, id)
	packets := make([]engineio.Packet, 0, 1+len(attachments))
	packets = append(packets, engineio.Packet{Type: engineio.Message, Data: append(head, body...)})
	for _, a := range attachments {
		packets = append(packets, engineio.Packet{Type: engineio.Message, Binary: true, Data: a})
	}
	return Prepared{packets}, nil
}

// control encodes a packet whose payload is one JSON value or, with nil, none, as it is sent.
func (n *Namespace) control(t PacketType, payload any) ([]engineio.Packet, error) {
	return n.server.control(t, n.name, payload)
}

func (s *Server) control(t PacketType, namespace string, payload any) ([]engineio.Packet, error) {
	data := appendHeader(nil, t, 0, namespace, false, 0)
	if payload != nil {
		var err error
		if data, err = appendJSON(data, payload); err != nil {
			return nil, err
		}
	}
	p, err := s.wire(prepare([][]byte{data}))
	return p.packets, err
}

func appendArg(dst []byte, attachments [][]byte, arg any) ([]byte, [][]byte, error) {
	switch v := arg.(type) {
	case JSONAppender:
		return v.AppendJSON(dst), attachments, nil
	case json.RawMessage:
		if len(v) == 0 {
			return append(dst, "null"...), attachments, nil
		}
		return append(dst, v...), attachments, nil
	}
	if arg != nil && mayHoldBinary(reflect.TypeOf(arg)) {
		w := binaryWriter{dst: dst, attachments: attachments}
		err := w.value(reflect.ValueOf(arg))
		return w.dst, w.attachments, err
	}
	dst, err := appendJSON(dst, arg)
	return dst, attachments, err
}

// appendJSON appends v as JavaScript's JSON.stringify would: <, >, & and the line
// separators U+2028 and U+2029 stand for themselves.
func appendJSON(dst []byte, v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return dst, err
	}
	return appendUnescaped(dst, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}

// appendUnescaped appends JSON text with \u2028 and \u2029 as the characters themselves:
// encoding/json cannot be told to leave them.
func appendUnescaped(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(dst, text...)
		}
		dst, text = append(dst, text[:i]...), text[i:]
		switch {
		case bytes.HasPrefix(text, []byte(`\u2028`)):
			dst, text = append(dst, "\u2028"...), text[6:]
		case bytes.HasPrefix(text, []byte(`\u2029`)):
			dst, text = append(dst, "\u2029"...), text[6:]
		default: // an escape of two characters at least; the rest of a longer one is plain
			dst, text = append(dst, text[:2]...), text[2:]
		}
	}
}

var (
	bytesType     = reflect.TypeFor[[]byte]()
	marshalerType = reflect.TypeFor[json.Marshaler]()
)

// mayHoldBinary reports whether a value of type t can hold a []byte that must become an
// attachment. Types that marshal themselves cannot.
func mayHoldBinary(t reflect.Type) bool { return holdsBinary(t, nil) }

func holdsBinary(t reflect.Type, seen []reflect.Type) bool {
	if t == bytesType {
		return true
	}
	if t.Implements(marshalerType) || slices.Contains(seen, t) {
		return false
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsBinary(t.Elem(), append(seen, t))
	case reflect.Struct:
		for f := range t.NumField() {
			if field := t.Field(f); field.IsExported() && holdsBinary(field.Type, append(seen, t)) {
				return true
			}
		}
	}
	return false
}

// binaryWriter writes a value as JSON with placeholders in place of its []byte.
type binaryWriter struct {
	dst         []byte
	attachments [][]byte
}

func (w *binaryWriter) value(v reflect.Value) error {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			w.dst = append(w.dst, "null"...)
			return nil
		}
		if v.Type().Implements(marshalerType) {
			return w.plain(v)
		}
		v = v.Elem()
	}
	switch {
	case v.Type() == bytesType:
		w.dst = fmt.Appendf(w.dst, `{"_placeholder":true,"num":%d}`, len(w.attachments))
		w.attachments = append(w.attachments, v.Bytes())
		return nil
	case !mayHoldBinary(v.Type()):
		return w.plain(v)
	}
	if (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.IsNil() {
		w.dst = append(w.dst, "null"...)
		return nil
	}
	switch v.Kind() {
	case reflect.Map:
		return w.object(v)
	case reflect.Struct:
		w.dst = append(w.dst, '{')
		if err := w.fields(v); err != nil {
			return err
		}
		w.dst = append(w.dst, '}')
		return nil
	default: // slice or array
		w.dst = append(w.dst, '[')
		for i := range v.Len() {
			if i > 0 {
				w.dst = append(w.dst, ',')
			}
			if err := w.value(v.Index(i)); err != nil {
				return err
			}
		}
		w.dst = append(w.dst, ']')
		return nil
	}
}

func (w *binaryWriter) plain(v reflect.Value) (err error) {
	w.dst, err = appendJSON(w.dst, v.Interface())
	return err
}

func (w *binaryWriter) object(v reflect.Value) error {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	w.dst = append(w.dst, '{')
	for i, k := range keys {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		if err := w.member(fmt.Sprint(k), v.MapIndex(k)); err != nil {
			return err
		}
	}
	w.dst = append(w.dst, '}')
	return nil
}

func (w *binaryWriter) member(key string, v reflect.Value) (err error) {
	if w.dst, err = appendJSON(w.dst, key); err != nil {
		return err
	}
	w.dst = append(w.dst, ':')
	return w.value(v)
}

// fields writes the members of a struct by encoding/json's rules for names, "-",
// omitempty and embedded structs.
func (w *binaryWriter) fields(v reflect.Value) error {
	for _, f := range fieldsOf(v.Type()) {
		fv := v.Field(f.index)
		if f.embedded {
			if err := w.fields(fv); err != nil {
				return err
			}
			continue
		}
		if f.omitEmpty && isEmpty(fv) {
			continue
		}
		if w.dst[len(w.dst)-1] != '{' {
			w.dst = append(w.dst, ',')
		}
		if err := w.member(f.name, fv); err != nil {
			return err
		}
	}
	return nil
}

type structField struct {
	index               int
	name                string
	omitEmpty, embedded bool
}

func fieldsOf(t reflect.Type) []structField {
	var all []structField
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			all = append(all, structField{index: i, embedded: true})
			continue
		case name == "":
			name = f.Name
		}
		all = append(all, structField{index: i, name: name, omitEmpty: strings.Contains(options, "omitempty")})
	}
	return all
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
