package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Args are the arguments of an event or of an acknowledgement, as received.
// Binary arguments stand anywhere in them as []byte.
type Args struct {
	raw    []json.RawMessage // of a packet without attachments
	values []any             // of a packet with attachments: the tree, with []byte leaves
}

// Len is the number of arguments.
func (a Args) Len() int {
	if a.values != nil {
		return len(a.values)
	}
	return len(a.raw)
}

// Binary reports whether attachments came with the arguments.
func (a Args) Binary() bool { return a.values != nil }

// Value returns argument i in a form that can be emitted again unchanged: a
// json.RawMessage, or for packets with attachments a tree with []byte leaves.
// It is nil beyond the last argument.
func (a Args) Value(i int) any {
	switch {
	case i < 0 || i >= a.Len():
		return nil
	case a.values != nil:
		return a.values[i]
	default:
		return a.raw[i]
	}
}

// Values returns all arguments as Value does.
func (a Args) Values() []any {
	all := make([]any, a.Len())
	for i := range all {
		all[i] = a.Value(i)
	}
	return all
}

// Decode stores argument i in v, a pointer, by the rules of encoding/json; binary fills
// fields of type []byte. An argument that is not there is an error.
func (a Args) Decode(i int, v any) error { return a.decode(i, v, false) }

func (a Args) decode(i int, v any, strict bool) error {
	if i < 0 || i >= a.Len() {
		return fmt.Errorf("argument %d of %d is missing", i, a.Len())
	}
	raw, err := a.json(i)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if strict {
		dec.DisallowUnknownFields()
	}
	return dec.Decode(v)
}

// json returns argument i as JSON text, binary as base64 strings, which is what
// encoding/json reads into a []byte.
func (a Args) json(i int) (json.RawMessage, error) {
	if a.values == nil {
		return a.raw[i], nil
	}
	return json.Marshal(a.values[i])
}

func decodeEvent(p Packet, attachments [][]byte) (string, Args, error) {
	name, raw, err := splitEvent(p.Data)
	if err != nil {
		return "", Args{}, err
	}
	if len(attachments) == 0 {
		return name, Args{raw: raw}, nil
	}
	args, err := withAttachments(raw, attachments)
	return name, args, err
}

func decodeAck(p Packet, attachments [][]byte) (Args, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(p.Data, &raw); err != nil {
		return Args{}, err
	}
	if len(attachments) == 0 {
		return Args{raw: raw}, nil
	}
	return withAttachments(raw, attachments)
}

// withAttachments puts attachments where the arguments of raw have placeholders.
// Socket.IO protocol v5, "Binary event": {"_placeholder":true,"num":n}. Each is used once, or a
// small packet would become a huge one when it is encoded again.
func withAttachments(raw []json.RawMessage, attachments [][]byte) (Args, error) {
	unused := make(map[int64][]byte, len(attachments))
	for i, a := range attachments {
		unused[int64(i)] = a
	}
	values := make([]any, len(raw))
	for i, r := range raw {
		dec := json.NewDecoder(bytes.NewReader(r))
		dec.UseNumber()
		var tree any
		if err := dec.Decode(&tree); err != nil {
			return Args{}, fmt.Errorf("%w: argument %d: %w", errPacket, i, err)
		}
		v, err := fill(tree, unused)
		if err != nil {
			return Args{}, err
		}
		values[i] = v
	}
	return Args{values: values}, nil
}

var errPlaceholder = errors.New("placeholder without its attachment")

// fill replaces the placeholders of a tree in place. Its depth is bounded by decodePacket.
func fill(tree any, unused map[int64][]byte) (any, error) {
	switch t := tree.(type) {
	case map[string]any:
		if t["_placeholder"] == true {
			num, _ := t["num"].(json.Number)
			n, err := num.Int64()
			attachment, there := unused[n]
			if err != nil || !there {
				return nil, fmt.Errorf("%w: %w", errPacket, errPlaceholder)
			}
			delete(unused, n)
			return attachment, nil
		}
		for k, v := range t {
			filled, err := fill(v, unused)
			if err != nil {
				return nil, err
			}
			t[k] = filled
		}
	case []any:
		for i, v := range t {
			filled, err := fill(v, unused)
			if err != nil {
				return nil, err
			}
			t[i] = filled
		}
	}
	return tree, nil
}
