package load

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The opcodes of RFC 6455, 5.2.
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA
)

var errHeader = errors.New("the head of an answer is too long")

// appendFrame appends a client's frame. Its mask is zero, which is legal and leaves the
// payload as it is.
func appendFrame(dst []byte, opcode byte, payload []byte) []byte {
	const fin, masked = 0x80, 0x80
	dst = append(dst, fin|opcode)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, masked|byte(n))
	case n <= 0xffff:
		dst = binary.BigEndian.AppendUint16(append(dst, masked|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, masked|127), uint64(n))
	}
	return append(append(dst, 0, 0, 0, 0), payload...)
}

// parseFrame returns the first frame of b and its length; 0 if b ends before the frame
// does. The payload lies in b. What no server here sends is an error: masks, extensions
// and messages in several frames.
func parseFrame(b []byte) (opcode byte, payload []byte, size int, err error) {
	if len(b) < 2 {
		return 0, nil, 0, nil
	}
	opcode = b[0] & 0x0f
	if b[0]&0xf0 != 0x80 || b[1]&0x80 != 0 || opcode == 0 {
		return 0, nil, 0, fmt.Errorf("a frame begins with %#x: masked, compressed or fragmented", b[:2])
	}
	head, length := 2, uint64(b[1])
	switch {
	case length == 126 && len(b) >= 4:
		head, length = 4, uint64(binary.BigEndian.Uint16(b[2:]))
	case length == 127 && len(b) >= 10:
		head, length = 10, binary.BigEndian.Uint64(b[2:])
	case length >= 126:
		return 0, nil, 0, nil
	}
	if length > maxPacket {
		return 0, nil, 0, fmt.Errorf("a frame announces %d bytes", length)
	}
	size = head + int(length)
	if len(b) < size {
		return 0, nil, 0, nil
	}
	return opcode, b[head:size], size, nil
}
