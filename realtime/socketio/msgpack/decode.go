package msgpack

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// decoder allocates for what is there, never for what a header promises. After an error nothing
// is left to decode.
type decoder struct {
	rest        []byte
	err         error
	json        []byte
	attachments [][]byte
}

// toJSON writes one msgpack value as JSON, with placeholders for the binary in it.
func toJSON(message []byte) ([]byte, [][]byte, error) {
	d := decoder{rest: message}
	if d.value(0); len(d.rest) > 0 {
		d.fail(errors.New("more than one value"))
	}
	return d.json, d.attachments, d.err
}

// fail keeps the first error that is one.
func (d *decoder) fail(err error) {
	if d.err = cmp.Or(d.err, err); d.err != nil {
		d.rest = nil
	}
}

// read takes a value off the rest by a function of msgp.
func read[T any](d *decoder, from func([]byte) (T, []byte, error)) T {
	v, rest, err := from(d.rest)
	d.rest = rest
	d.fail(err)
	return v
}

// undefined takes an undefined off the rest, if it is next.
func (d *decoder) undefined() bool {
	is := len(d.rest) > 2 && d.rest[0] == extUndefined && d.rest[1] == 0
	if is {
		d.rest = d.rest[3:]
	}
	return is
}

// value appends the next value as JSON.
func (d *decoder) value(depth int) {
	switch t := msgp.NextType(d.rest); t {
	case msgp.ArrayType:
		d.container('[', ']', read(d, msgp.ReadArrayHeaderBytes), depth+1)
	case msgp.MapType:
		d.container('{', '}', read(d, msgp.ReadMapHeaderBytes), depth+1)
	case msgp.BinType:
		d.attach(slices.Clip(read(d, msgp.ReadBytesZC)))
	case msgp.ExtensionType:
		d.extension()
	case msgp.NilType:
		d.rest = d.rest[1:]
		d.scalar(nil)
	case msgp.BoolType:
		d.scalar(read(d, msgp.ReadBoolBytes))
	case msgp.IntType:
		d.scalar(read(d, msgp.ReadInt64Bytes))
	case msgp.UintType:
		d.scalar(read(d, msgp.ReadUint64Bytes))
	case msgp.Float32Type, msgp.Float64Type:
		if f := read(d, msgp.ReadFloat64Bytes); math.IsNaN(f) || math.IsInf(f, 0) {
			d.scalar(nil) // as JSON.stringify
		} else {
			d.scalar(f)
		}
	case msgp.StrType:
		d.scalar(read(d, msgp.ReadStringBytes))
	default:
		d.fail(fmt.Errorf("unexpected %v", t))
	}
}

// scalar appends what encoding/json has a form for.
func (d *decoder) scalar(v any) {
	text, err := json.Marshal(v)
	d.json = append(d.json, text...)
	d.fail(err)
}

// container appends an array or map of n values.
func (d *decoder) container(open, end byte, n uint32, depth int) {
	if depth > maxDepth {
		d.fail(errDepth)
	}
	d.json = append(d.json, open)
	for ; n > 0 && d.err == nil; n-- {
		var key string
		if open == '{' {
			key = read(d, msgp.ReadStringBytes)
			if d.undefined() {
				continue
			}
		}
		if d.json[len(d.json)-1] != open {
			d.json = append(d.json, ',')
		}
		if open == '{' {
			d.scalar(key)
			d.json = append(d.json, ':')
		}
		if key == placeholder {
			d.fail(errors.New("a key that is kept for attachments"))
		}
		d.value(depth)
	}
	d.json = append(d.json, end)
}

// attach keeps an attachment, and appends its placeholder.
func (d *decoder) attach(b []byte) {
	if len(d.attachments) == maxAttachments {
		d.fail(fmt.Errorf("more than %d attachments", maxAttachments))
	}
	d.json = fmt.Appendf(d.json, `{"%s":true,"num":%d}`, placeholder, len(d.attachments))
	d.attachments = append(d.attachments, b)
}

// How the npm package's encoder uses extensions of type 0: the form of the header counts.
const (
	extUndefined            = 0xd4       // 1 byte
	extDate                 = 0xd7       // 8 bytes: milliseconds
	extBuffer8, extBuffer32 = 0xc7, 0xc9 // an ArrayBuffer, with its length
)

func (d *decoder) extension() {
	head := d.rest[0]
	var ext msgp.RawExtension // of type 0
	rest, err := msgp.ReadExtensionBytes(d.rest, &ext)
	d.rest = rest
	d.fail(err)
	switch {
	case err != nil:
	case head == extUndefined:
		d.scalar(nil)
	case head == extDate:
		t := time.UnixMilli(int64(binary.BigEndian.Uint64(ext.Data))).UTC()
		if t.Year() < 0 || t.Year() > 9999 {
			d.fail(errors.New("date beyond ISO 8601"))
		}
		d.scalar(t.Format("2006-01-02T15:04:05.000Z"))
	case head >= extBuffer8 && head <= extBuffer32:
		d.attach(ext.Data)
	default:
		d.fail(fmt.Errorf("extension with header %x", head))
	}
}
