package msgpack

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/tinylib/msgp/msgp"
)

// encoder keeps the order of an object's members.
type encoder struct {
	json        *json.Decoder
	attachments [][]byte
	dst         []byte
}

// fromJSON writes one JSON value as msgpack, with attachments in place of their placeholders.
func fromJSON(text []byte, attachments [][]byte) ([]byte, error) {
	e := encoder{json: json.NewDecoder(bytes.NewReader(text)), attachments: attachments}
	e.json.UseNumber()
	_, err := e.value(0)
	return e.dst, err
}

// value appends the next value, and returns its first token.
func (e *encoder) value(depth int) (json.Token, error) {
	token, err := e.json.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case nil:
		e.dst = msgp.AppendNil(e.dst)
	case bool:
		e.dst = msgp.AppendBool(e.dst, t)
	case string:
		e.dst = msgp.AppendString(e.dst, t)
	case json.Number:
		e.dst, err = appendNumber(e.dst, t)
	case json.Delim:
		err = e.container(t == '{', depth+1)
	}
	return token, err
}

// container appends an array or object whose bracket was read.
func (e *encoder) container(object bool, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	start, n := len(e.dst), uint32(0)
	var is, num json.Token // the members of a placeholder
	for ; e.json.More(); n++ {
		var key json.Token
		var err error
		if object {
			if key, err = e.value(depth); err != nil {
				return err
			}
		}
		value, err := e.value(depth)
		if err != nil {
			return err
		}
		switch key {
		case placeholder:
			is = value
		case "num":
			num = value
		}
	}
	if _, err := e.json.Token(); err != nil { // the other bracket
		return err
	}
	if is == true && len(e.attachments) > 0 {
		number, _ := num.(json.Number)
		i, err := strconv.Atoi(string(number))
		if err != nil || i < 0 || i >= len(e.attachments) {
			return errors.New("placeholder without its attachment")
		}
		e.dst = msgp.AppendBytes(e.dst[:start], e.attachments[i])
		return nil
	}
	header := msgp.AppendArrayHeader
	if object {
		header = msgp.AppendMapHeader
	}
	e.dst = slices.Insert(e.dst, start, header(nil, n)...) // its size depends on n
	return nil
}

// appendNumber appends a number in the form that the npm package has for it.
func appendNumber(dst []byte, n json.Number) ([]byte, error) {
	if u, err := strconv.ParseUint(string(n), 10, 64); err == nil {
		return msgp.AppendUint64(dst, u), nil
	}
	if i, err := n.Int64(); err == nil {
		return msgp.AppendInt64(dst, i), nil
	}
	f, err := n.Float64()
	return msgp.AppendFloat64(dst, f), err
}
