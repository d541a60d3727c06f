package transport

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func newFrameReader(in io.Reader, limit int) *frameReader {
	r := &frameReader{in: in, limit: limit, ping: func([]byte) {}}
	r.use(make([]byte, readBuffer))
	return r
}

func TestMessagesAreReadHoweverTheyAreCutUp(t *testing.T) {
	long := strings.Repeat("€", 30_000)
	stream := maskedWith(0x81, "abcd", "short") +
		maskedWith(0x01, "\xff\x00\x80\x7f", long[:70_000]) + masked(0x89, "ping") + maskedWith(0x00, "wxyz", long[70_000:70_001]) +
		masked(0x8a, "") + maskedWith(0x80, "1234", long[70_001:]) +
		maskedWith(0x82, "zzzz", "") + masked(0x88, "")
	for name, cut := range map[string]func(io.Reader) io.Reader{
		"whole":          func(r io.Reader) io.Reader { return r },
		"byte by byte":   iotest.OneByteReader,
		"half by half":   iotest.HalfReader,
		"with its error": iotest.DataErrReader,
	} {
		pings := 0
		r := newFrameReader(cut(strings.NewReader(stream)), len(long))
		r.ping = func(data []byte) {
			if pings++; string(data) != "ping" {
				t.Errorf("%s: a ping of %q", name, data)
			}
		}
		for _, want := range []struct {
			opcode byte
			data   string
		}{{opText, "short"}, {opText, long}, {opBinary, ""}} {
			opcode, data, err := r.next()
			if err != nil || opcode != want.opcode || string(data) != want.data {
				t.Fatalf("%s: read %d and %d bytes, %v", name, opcode, len(data), err)
			}
		}
		var closed *closeError
		if _, _, err := r.next(); !errors.As(err, &closed) || !closed.byClient || closed.code != closeNoStatus || pings != 1 {
			t.Errorf("%s: ended with %v after %d pings", name, err, pings)
		}
	}
}

// maskedWith is a client's frame whose length is written in eight bytes.
func maskedWith(b0 byte, mask, payload string) string {
	frame := []byte{b0, 0x80 | 127, 0, 0, 0, 0, byte(len(payload) >> 24), byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload))}
	frame = append(frame, mask...)
	for i := range len(payload) {
		frame = append(frame, payload[i]^mask[i%4])
	}
	return string(frame)
}

func FuzzFrames(f *testing.F) {
	for _, c := range hostiles {
		if frames := c.input[len(c.input)-1]; len(frames) < 2000 {
			f.Add([]byte(frames))
		}
	}
	f.Add([]byte(masked(0x01, "4a") + masked(0x89, "x") + masked(0x80, "b") + leave))
	f.Fuzz(func(t *testing.T, stream []byte) {
		const limit = 1000
		whole, bytewise := newFrameReader(bytes.NewReader(stream), limit), newFrameReader(iotest.OneByteReader(bytes.NewReader(stream)), limit)
		for {
			opcode, data, err := whole.next()
			opcode2, data2, err2 := bytewise.next()
			var closed, closed2 *closeError
			if errors.As(err, &closed) != errors.As(err2, &closed2) || closed != nil && *closed != *closed2 {
				t.Fatalf("ended with %v, and byte by byte with %v", err, err2)
			}
			if err != nil {
				if closed == nil && !errors.Is(err, io.EOF) {
					t.Fatalf("ended with %v", err)
				}
				return
			}
			if opcode != opcode2 || !bytes.Equal(data, data2) || len(data) > limit || cap(data) > 2*readStep {
				t.Fatalf("read %d %q, and byte by byte %d %q", opcode, data, opcode2, data2)
			}
			if opcode == opText && !utf8.Valid(data) {
				t.Fatalf("let %q pass for text", data)
			}
		}
	})
}
