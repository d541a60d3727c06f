package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// Opcodes of RFC 6455, section 5.2.
const (
	text = 0x1
	ping = 0x9
	pong = 0xa
)

type frame struct {
	opcode  byte
	payload []byte
}

var errFrame = errors.New("not a masked message in one frame of less than 64 KB")

// nextFrame unmasks the first frame of b in place. A size of 0 asks for more bytes.
func nextFrame(b []byte) (f frame, size int, err error) {
	if len(b) < 2 {
		return frame{}, 0, nil
	}
	if b[0]&0xf0 != 0x80 || b[1]&0x80 == 0 {
		return frame{}, 0, errFrame
	}
	header, length := 2, int(b[1]&0x7f)
	switch length {
	case 126:
		header = 4
	case 127:
		return frame{}, 0, errFrame
	}
	if len(b) < header+4 {
		return frame{}, 0, nil
	}
	if header == 4 {
		length = int(binary.BigEndian.Uint16(b[2:]))
	}
	key, data := b[header:header+4], b[header+4:]
	if len(data) < length {
		return frame{}, 0, nil
	}
	data = data[:length]
	for i := range data {
		data[i] ^= key[i&3]
	}
	return frame{opcode: b[0] & 0xf, payload: data}, header + 4 + len(data), nil
}

// appendFrame frames a payload of less than 64 KB.
func appendFrame(b []byte, opcode byte, payload []byte) []byte {
	b = append(b, 0x80|opcode)
	if n := len(payload); n < 126 {
		b = append(b, byte(n))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	}
	return append(b, payload...)
}

// upgrade answers the head of a WebSocket handshake, and any other with a 400 and false.
func upgrade(request []byte) (answer []byte, ok bool) {
	for line := range bytes.SplitSeq(request, []byte("\r\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if !bytes.EqualFold(name, []byte("Sec-WebSocket-Key")) {
			continue
		}
		sum := sha1.Sum(append(bytes.Clone(bytes.TrimSpace(value)), "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"...))
		answer = append(answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
		answer = base64.StdEncoding.AppendEncode(answer, sum[:])
		return append(answer, "\r\n\r\n"...), true
	}
	return []byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), false
}
