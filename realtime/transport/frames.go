package transport

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf8"

	"roomline/realtime/engineio"
)

// Opcodes of RFC 6455; those from opClose are of control frames.
const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

// Codes of close frames.
const (
	closeNormal    = 1000
	closeGoingAway = 1001
	closeProtocol  = 1002
	closeNoStatus  = 1005 // stands for a close frame without a code
	closeNotUTF8   = 1007
	closePolicy    = 1008
	closeTooLarge  = 1009
	closeTryLater  = 1013
)

const (
	// maxFragments of one message are as many as the reference takes.
	maxFragments = 16 << 10
	// maxControl is what the payload of a control frame may have.
	maxControl = 125
)

// closeError ends the reading of frames: the client said that it closes, or it did what a
// server closes for.
type closeError struct {
	code     int
	byClient bool
}

func (e *closeError) Error() string { return fmt.Sprintf("websocket closed with %d", e.code) }

func violation(code int) error { return &closeError{code: code} }

// frameReader reads the messages of a client (RFC 6455, 5).
type frameReader struct {
	in    *bufio.Reader // of maxControl bytes at least
	limit int           // bytes of a message; 0: none
	ping  func(data []byte)
}

type frameHeader struct {
	opcode byte
	last   bool // of its message
	length uint64
	mask   [4]byte
}

// next returns the next message in memory of its own, and answers the pings before and
// within it. The error is a *closeError or the connection's.
func (r *frameReader) next() (opcode byte, data []byte, err error) {
	for fragments := 0; ; {
		h, err := r.header()
		switch {
		case err != nil:
			return 0, nil, err
		case h.opcode >= opClose:
			if err := r.control(h); err != nil {
				return 0, nil, err
			}
			continue
		case (h.opcode == opContinuation) != (fragments > 0):
			return 0, nil, violation(closeProtocol)
		case fragments == maxFragments:
			return 0, nil, violation(closePolicy)
		case r.limit > 0 && h.length > uint64(r.limit-len(data)):
			return 0, nil, violation(closeTooLarge)
		}
		if fragments++; fragments == 1 {
			opcode = h.opcode
		}
		if data, err = r.payload(data, h); err != nil {
			return 0, nil, err
		}
		if h.last && opcode == opText && !utf8.Valid(data) {
			return 0, nil, violation(closeNotUTF8)
		}
		if h.last {
			return opcode, data, nil
		}
	}
}

func (r *frameReader) header() (frameHeader, error) {
	b, err := r.take(2)
	if err != nil {
		return frameHeader{}, err
	}
	h := frameHeader{opcode: b[0] & 0xf, last: b[0]&0x80 != 0, length: uint64(b[1] & 0x7f)}
	reserved, masked := b[0]&0x70 != 0, b[1]&0x80 != 0
	unknown := h.opcode > opBinary && h.opcode < opClose || h.opcode > opPong
	if reserved || !masked || unknown || h.opcode >= opClose && (!h.last || h.length > maxControl) {
		return h, violation(closeProtocol)
	}
	switch h.length {
	case 126:
		if b, err = r.take(2); err == nil {
			h.length = uint64(binary.BigEndian.Uint16(b))
		}
	case 127:
		if b, err = r.take(8); err == nil {
			h.length = binary.BigEndian.Uint64(b)
		}
	}
	if err == nil {
		if b, err = r.take(4); err == nil {
			h.mask = [4]byte(b)
		}
	}
	return h, err
}

// control handles a control frame: a close is an error.
func (r *frameReader) control(h frameHeader) error {
	data, err := r.take(int(h.length))
	if err != nil {
		return err
	}
	h.unmask(data)
	switch {
	case h.opcode == opPing:
		r.ping(data)
		return nil
	case h.opcode == opPong:
		return nil
	case len(data) == 0:
		return &closeError{code: closeNoStatus, byClient: true}
	case len(data) == 1:
		return violation(closeProtocol)
	}
	code := int(binary.BigEndian.Uint16(data))
	// 1004 to 1006 must not be sent; from 1015 to 2999 nothing is defined.
	if code < 1000 || code > 1003 && code < 1007 || code > 1014 && code < 3000 || code > 4999 {
		return violation(closeProtocol)
	}
	if !utf8.Valid(data[2:]) {
		return violation(closeNotUTF8)
	}
	return &closeError{code: code, byClient: true}
}

// payload appends a frame's data to dst, which grows with what has come, not with what the
// header promises.
func (r *frameReader) payload(dst []byte, h frameHeader) ([]byte, error) {
	begin := len(dst)
	for left := h.length; left > 0; {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, int(min(left, max(readStep, uint64(len(dst))))))
		}
		room := dst[len(dst):cap(dst)]
		n, err := r.in.Read(room[:min(uint64(len(room)), left)])
		if dst, left = dst[:len(dst)+n], left-uint64(n); err != nil && left > 0 {
			return dst, err
		}
	}
	h.unmask(dst[begin:])
	return dst, nil
}

func (h *frameHeader) unmask(data []byte) {
	for i := range data {
		data[i] ^= h.mask[i%4]
	}
}

// take returns the next n bytes, which are good until it is called again.
func (r *frameReader) take(n int) ([]byte, error) {
	b, err := r.in.Peek(n)
	if err == nil {
		_, err = r.in.Discard(n)
	}
	return b, err
}

// appendFrame appends a packet as one frame of a server, which is not masked.
func appendFrame(dst []byte, p engineio.Packet) []byte {
	if p.Binary {
		dst = appendHeader(dst, opBinary, len(p.Data))
		return append(dst, p.Data...)
	}
	dst = appendHeader(dst, opText, len(p.Data)+1)
	return p.AppendText(dst)
}

func appendClose(dst []byte, code int) []byte {
	if code == closeNoStatus {
		return appendHeader(dst, opClose, 0)
	}
	dst = appendHeader(dst, opClose, 2)
	return binary.BigEndian.AppendUint16(dst, uint16(code))
}

// appendHeader appends the header of an unfragmented frame.
func appendHeader(dst []byte, opcode byte, length int) []byte {
	dst = append(dst, 0x80|opcode)
	switch {
	case length < 126:
		return append(dst, byte(length))
	case length <= 0xffff:
		dst = append(dst, 126)
		return binary.BigEndian.AppendUint16(dst, uint16(length))
	}
	dst = append(dst, 127)
	return binary.BigEndian.AppendUint64(dst, uint64(length))
}
