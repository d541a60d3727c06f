package load

import (
	"bytes"
	"testing"
)

// serverFrame is a frame as a server sends it.
func serverFrame(opcode byte, payload string) []byte {
	frame := appendFrame(nil, opcode, []byte(payload))
	masked := bytes.Clone(frame)
	head := len(frame) - len(payload) - 4
	masked[1] &^= 0x80
	return append(masked[:head], payload...)
}

func TestAFrameOfAnyLengthIsReadWhole(t *testing.T) {
	for _, length := range []int{0, 1, 125, 126, 127, 65535, 65536, 200_000} {
		payload := bytes.Repeat([]byte("x"), length)
		frame := serverFrame(opText, string(payload))
		opcode, got, size, err := parseFrame(append(bytes.Clone(frame), "next"...))
		if err != nil || opcode != opText || !bytes.Equal(got, payload) || size != len(frame) {
			t.Errorf("of %d bytes %d are read, as kind %d, size %d of %d: %v", length, len(got), opcode, size, len(frame), err)
		}
		for cut := 0; cut < len(frame); cut += 1 + len(frame)/500 {
			if _, _, size, err := parseFrame(frame[:cut]); size != 0 || err != nil {
				t.Fatalf("%d of %d bytes of a frame are taken for %d: %v", cut, len(frame), size, err)
			}
		}
	}
}

func TestAClientsFrameIsMaskedWithZeros(t *testing.T) {
	got := appendFrame(nil, opText, []byte("hi"))
	if want := []byte{0x81, 0x82, 0, 0, 0, 0, 'h', 'i'}; !bytes.Equal(got, want) {
		t.Errorf("the frame is % x, want % x", got, want)
	}
}

func TestFramesThatNoServerHereSendsAreRefused(t *testing.T) {
	for name, frame := range map[string][]byte{
		"masked":                 {0x81, 0x80, 0, 0, 0, 0},
		"compressed":             {0xc1, 0x01, 'x'},
		"a fragment":             {0x01, 0x01, 'x'},
		"the end of a fragment":  {0x80, 0x01, 'x'},
		"longer than any packet": {0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0},
		"of a negative length":   {0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	} {
		if _, _, _, err := parseFrame(frame); err == nil {
			t.Errorf("a frame that is %s is taken", name)
		}
	}
}

func TestAnAnswerIsReadWhole(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-LENGTH: 5\r\n\r\nhello"
	status, body, size, err := parseAnswer([]byte(answer + "HTTP/1.1"))
	if status != 200 || string(body) != "hello" || size != len(answer) || err != nil {
		t.Errorf("the answer is %d %q of %d bytes: %v", status, body, size, err)
	}
	for cut := range len(answer) {
		if _, _, size, err := parseAnswer([]byte(answer[:cut])); size != 0 || err != nil {
			t.Fatalf("%d bytes of an answer are taken for %d: %v", cut, size, err)
		}
	}
}

func TestAnswersThatCannotBeReadAreRefused(t *testing.T) {
	for name, answer := range map[string]string{
		"no HTTP":                  "SSH-2.0-x\r\n\r\n",
		"no status":                "HTTP/1.1 two\r\n\r\n",
		"no length":                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		"a length that is none":    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"a body beyond all bounds": "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
		"a head beyond all bounds": "HTTP/1.1 200 OK\r\nX: " + string(bytes.Repeat([]byte("x"), maxHead)),
	} {
		if _, _, size, err := parseAnswer([]byte(answer)); err == nil {
			t.Errorf("an answer with %s is taken for %d bytes", name, size)
		}
	}
}
