package transport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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
	// maxControl is what the payload of a control frame may have, and maxHeader what the
	// header of any frame may.
	maxControl = 125
	maxHeader  = 14
)

// closeError ends the reading of frames: the client said that it closes, or it did what a
// server closes for.
type closeError struct {
	code     int
	byClient bool
}

func (e *closeError) Error() string { return fmt.Sprintf("websocket closed with %d", e.code) }

func violation(code int) error { return &closeError{code: code} }

// errAgain is the error of a read that would have to wait. The reader goes on where it was.
var errAgain = errors.New("nothing to read yet")

// frameReader reads the messages of a client (RFC 6455, 5).
type frameReader struct {
	in    io.Reader
	limit int // bytes of a message; 0: none
	ping  func(data []byte)

	ahead []byte // what was read already
	room  []byte // the memory that ahead lies in; maxHeader + maxControl bytes at least

	// of the message that is being read
	opcode    byte
	fragments int
	data      []byte
	// of the frame that is being read
	frame  frameHeader
	inside bool   // its header has been read
	left   uint64 // of its data
}

type frameHeader struct {
	opcode byte
	last   bool // of its message
	length uint64
	mask   [4]byte
}

// next returns the next message in memory of its own, and answers the pings before and
// within it. The error is a *closeError or that of in.
func (r *frameReader) next() (opcode byte, data []byte, err error) {
	for {
		if err := r.begin(); err != nil {
			return 0, nil, err
		}
		if r.frame.opcode >= opClose {
			if err := r.control(); err != nil {
				return 0, nil, err
			}
			continue
		}
		if err := r.payload(); err != nil {
			return 0, nil, err
		}
		if !r.frame.last {
			continue
		}
		opcode, data = r.opcode, r.data
		r.fragments, r.data = 0, nil
		if opcode == opText && !utf8.Valid(data) {
			return 0, nil, violation(closeNotUTF8)
		}
		return opcode, data, nil
	}
}

// begin reads the header of a frame, unless the reader is inside one.
func (r *frameReader) begin() error {
	if r.inside {
		return nil
	}
	h, err := r.header()
	switch {
	case err != nil:
		return err
	case h.opcode >= opClose:
	case (h.opcode == opContinuation) != (r.fragments > 0):
		return violation(closeProtocol)
	case r.fragments == maxFragments:
		return violation(closePolicy)
	case r.limit > 0 && h.length > uint64(r.limit-len(r.data)):
		return violation(closeTooLarge)
	default:
		if r.fragments++; r.fragments == 1 {
			r.opcode = h.opcode
		}
	}
	r.frame, r.left, r.inside = h, h.length, true
	return nil
}

func (r *frameReader) header() (frameHeader, error) {
	b, err := r.peek(2)
	if err != nil {
		return frameHeader{}, err
	}
	h := frameHeader{opcode: b[0] & 0xf, last: b[0]&0x80 != 0, length: uint64(b[1] & 0x7f)}
	reserved, masked := b[0]&0x70 != 0, b[1]&0x80 != 0
	unknown := h.opcode > opBinary && h.opcode < opClose || h.opcode > opPong
	if reserved || !masked || unknown || h.opcode >= opClose && (!h.last || h.length > maxControl) {
		return h, violation(closeProtocol)
	}
	size := 2
	switch h.length {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if b, err = r.peek(size + 4); err != nil {
		return h, err
	}
	switch h.length {
	case 126:
		h.length = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		h.length = binary.BigEndian.Uint64(b[2:])
	}
	h.mask = [4]byte(b[size:])
	r.ahead = r.ahead[size+4:]
	return h, nil
}

// control handles a control frame: a close is an error.
func (r *frameReader) control() error {
	h := r.frame
	data, err := r.peek(int(h.length))
	if err != nil {
		return err
	}
	h.unmask(data)
	r.ahead, r.inside = r.ahead[len(data):], false
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

// payload reads a frame's data to its end. The memory grows with what has come, not with what
// the header promises.
func (r *frameReader) payload() error {
	begin := len(r.data)
	from := r.frame.length - r.left // of the frame's data, what came before
	var err error
	for r.left > 0 && err == nil {
		if len(r.data) == cap(r.data) {
			r.data = slices.Grow(r.data, int(min(r.left, max(readStep, uint64(len(r.data))))))
		}
		room := r.data[len(r.data):cap(r.data)]
		room = room[:min(uint64(len(room)), r.left)]
		n := copy(room, r.ahead)
		if r.ahead = r.ahead[n:]; n == 0 {
			n, err = r.in.Read(room)
		}
		r.data, r.left = r.data[:len(r.data)+n], r.left-uint64(n)
	}
	r.frame.unmaskFrom(r.data[begin:], from)
	if r.left > 0 {
		return err
	}
	r.inside = false
	return nil
}

// peek returns the next n bytes without taking them. They are good until the next call.
func (r *frameReader) peek(n int) ([]byte, error) {
	for len(r.ahead) < n {
		if len(r.ahead) == 0 || cap(r.ahead) < n { // what is ahead may lie elsewhere, or too far back
			r.ahead = r.room[:copy(r.room, r.ahead)]
		}
		begin := len(r.ahead)
		got, err := r.in.Read(r.ahead[begin:cap(r.ahead)])
		if r.ahead = r.ahead[:begin+got]; err != nil && len(r.ahead) < n {
			return nil, err
		}
	}
	return r.ahead[:n], nil
}

// use gives the reader memory to read ahead into, of maxHeader + maxControl bytes at least.
func (r *frameReader) use(room []byte) { r.room = room }

// release gives the memory up. What was read ahead, which is rare, is kept elsewhere.
func (r *frameReader) release() {
	r.room, r.ahead = nil, append([]byte(nil), r.ahead...)
}

// idle reports whether the reader stands between two messages and has read nothing ahead.
func (r *frameReader) idle() bool { return r.fragments == 0 && !r.inside && len(r.ahead) == 0 }

func (h *frameHeader) unmask(data []byte) { h.unmaskFrom(data, 0) }

// unmaskFrom unmasks what stands at an offset of the frame's data.
func (h *frameHeader) unmaskFrom(data []byte, from uint64) {
	for i := range data {
		data[i] ^= h.mask[(from+uint64(i))%4]
	}
}

// appendFrame appends a packet as one frame of a server, which is not masked.
func appendFrame(dst []byte, p engineio.Packet) []byte {
	if p.Binary {
		dst = appendHeader(dst, opBinary, len(p.Data))
		return append(dst, p.Data...)
	}
	dst = appendHeader(dst, opText, p.Len()+1)
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
