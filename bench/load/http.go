package load

import (
	"bytes"
	"fmt"
	"strconv"
)

const (
	maxHead   = 8 << 10 // bytes of an answer's head
	maxPacket = 1 << 20 // bytes of a frame or of an answer's body
)

// upgradeRequest asks for a WebSocket. The key is the example of RFC 6455: no cache is
// between here and the server that it would have to outwit.
func upgradeRequest(target, host, header string) []byte {
	return []byte("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + header + "\r\n")
}

func getRequest(target, host, header string) []byte {
	return []byte("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + header + "\r\n")
}

func appendPost(dst []byte, target, host, header string, body []byte) []byte {
	dst = append(append(append(dst, "POST "...), target...), " HTTP/1.1\r\nHost: "...)
	dst = append(append(append(dst, host...), "\r\n"...), header...)
	dst = append(dst, "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: "...)
	dst = append(strconv.AppendInt(dst, int64(len(body)), 10), "\r\n\r\n"...)
	return append(dst, body...)
}

// parseHead returns the status of the answer that b begins with, the length of its head
// with the blank line, and that of its body as announced (-1: not at all). A length of 0
// of the head says that b ends before it does.
func parseHead(b []byte) (status, head, body int, err error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		if len(b) > maxHead {
			err = errHeader
		}
		return 0, 0, 0, err
	}
	head, body = end+4, -1
	line, rest, _ := bytes.Cut(b[:end], []byte("\r\n"))
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) || len(line) < len("HTTP/1.1 200") {
		return 0, 0, 0, fmt.Errorf("an answer begins with %.40q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, 0, fmt.Errorf("an answer begins with %.40q", line)
	}
	const length = "content-length:"
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if len(line) < len(length) || !bytes.EqualFold(line[:len(length)], []byte(length)) {
			continue
		}
		text := string(bytes.TrimSpace(line[len(length):]))
		if body, err = strconv.Atoi(text); err != nil || body < 0 || body > maxPacket {
			return 0, 0, 0, fmt.Errorf("an answer announces %q bytes", text)
		}
	}
	return status, head, body, nil
}

// parseAnswer returns the first answer of b, body and all, and its length; 0 if b ends
// before the answer does. The body lies in b.
func parseAnswer(b []byte) (status int, body []byte, size int, err error) {
	status, head, length, err := parseHead(b)
	switch {
	case err != nil || head == 0:
		return 0, nil, 0, err
	case length < 0:
		return 0, nil, 0, fmt.Errorf("an answer (status %d) does not announce its length", status)
	case len(b) < head+length:
		return 0, nil, 0, nil
	}
	return status, b[head : head+length], head + length, nil
}
