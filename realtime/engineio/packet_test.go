package engineio

import (
	"bytes"
	"errors"
	"testing"
)

func text(t PacketType, data string) Packet { return Packet{Type: t, Data: []byte(data)} }
func blob(data ...byte) Packet              { return Packet{Type: Message, Binary: true, Data: data} }

func TestPacketsReadAndWriteAsOnTheWire(t *testing.T) {
	for _, c := range []struct {
		wire   string
		packet Packet
	}{
		{"0{}", text(Open, "{}")},
		{"1", text(Close, "")},
		{"2", text(Ping, "")},
		{"2probe", text(Ping, "probe")},
		{"3probe", text(Pong, "probe")},
		{"4hello", text(Message, "hello")},
		{"4", text(Message, "")},
		{"4€\x00\n", text(Message, "€\x00\n")},
		{"5", text(Upgrade, "")},
		{"6", text(Noop, "")},
		{"bAQIDBA==", blob(1, 2, 3, 4)},
		{"b", blob()},
	} {
		if got := string(c.packet.AppendText(nil)); got != c.wire {
			t.Errorf("%+v writes %q, want %q", c.packet, got, c.wire)
		}
		got, err := DecodeText([]byte(c.wire))
		if err != nil || !equal(got, c.packet) {
			t.Errorf("%q reads %+v, %v", c.wire, got, err)
		}
	}
}

func TestBytesThatAreNoPacketAreMalformed(t *testing.T) {
	for _, wire := range []string{"", "7", "9x", "abc", "b!", "bAQ=", "bAQIDBA", "\x1e", "\xff", " 4x", "c", "-1"} {
		if p, err := DecodeText([]byte(wire)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q reads %+v, %v", wire, p, err)
		}
	}
}

func TestPayloadsJoinPacketsWithTheRecordSeparator(t *testing.T) {
	for _, c := range []struct {
		wire    string
		packets []Packet
	}{
		{"4hello", []Packet{text(Message, "hello")}},
		{"4hello\x1e2\x1e4world", []Packet{text(Message, "hello"), text(Ping, ""), text(Message, "world")}},
		{"4hello\x1ebAQIDBA==", []Packet{text(Message, "hello"), blob(1, 2, 3, 4)}},
	} {
		if got := string(AppendPayload(nil, c.packets)); got != c.wire {
			t.Errorf("%+v writes %q, want %q", c.packets, got, c.wire)
		}
		got, err := decodeAll(c.wire)
		if err != nil || len(got) != len(c.packets) {
			t.Fatalf("%q reads %+v, %v", c.wire, got, err)
		}
		for i := range got {
			if !equal(got[i], c.packets[i]) {
				t.Errorf("%q: packet %d reads %+v", c.wire, i, got[i])
			}
		}
		if n := CountPackets([]byte(c.wire)); n != len(c.packets) {
			t.Errorf("%q counts %d packets", c.wire, n)
		}
	}
}

func TestAPayloadIsReadUpToItsFirstError(t *testing.T) {
	for wire, good := range map[string]int{
		"":               0,
		"\x1e":           0,
		"abc":            0,
		"4a\x1eabc\x1e4": 1,
		"4a\x1e":         1,
		"4a\x1e4b\x1ebx": 2,
	} {
		got, err := decodeAll(wire)
		if !errors.Is(err, ErrMalformed) || len(got) != good {
			t.Errorf("%q reads %d packets, %v", wire, len(got), err)
		}
	}
}

func FuzzDecodeText(f *testing.F) {
	for _, seed := range []string{"", "2probe", "4hello", "bAQIDBA==", "b", "7", "4\x1e", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		p, err := DecodeText(wire)
		if err != nil {
			return
		}
		again, err := DecodeText(p.AppendText(nil))
		if err != nil || !equal(p, again) {
			t.Fatalf("%q reads %+v, which reads %+v, %v", wire, p, again, err)
		}
	})
}

func FuzzDecodePayload(f *testing.F) {
	for _, seed := range []string{"", "4a\x1e4b", "4a\x1ebAQID\x1e1", "\x1e\x1e", "bA\x1e4"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		packets, err := decodeAll(string(wire))
		if len(packets) > CountPackets(wire) {
			t.Fatalf("%q holds %d packets but counts %d", wire, len(packets), CountPackets(wire))
		}
		if err != nil {
			return
		}
		again, err := decodeAll(string(AppendPayload(nil, packets)))
		if err != nil || len(again) != len(packets) {
			t.Fatalf("%q does not survive a second reading: %v", wire, err)
		}
		for i := range packets {
			if !equal(packets[i], again[i]) {
				t.Fatalf("%q: packet %d reads %+v, then %+v", wire, i, packets[i], again[i])
			}
		}
	})
}

func decodeAll(wire string) ([]Packet, error) {
	var packets []Packet
	for p, err := range DecodePayload([]byte(wire)) {
		if err != nil {
			return packets, err
		}
		packets = append(packets, p)
	}
	return packets, nil
}

func equal(a, b Packet) bool {
	return a.Type == b.Type && a.Binary == b.Binary && bytes.Equal(a.Data, b.Data)
}
