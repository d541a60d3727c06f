package msgpack_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"roomline/realtime/socketio"
	"roomline/realtime/socketio/msgpack"
)

const integers = `["n",0,127,128,255,256,65535,65536,4294967295,4294967296,9007199254740991,-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,-9007199254740991]`

// pairs are packets and what socket.io-msgpack-parser 3.0.2 made of them.
var pairs = map[string]struct {
	packet      socketio.Packet
	attachments [][]byte
	bytes       string
}{
	"CONNECT":                {packet(socketio.PacketConnect, "/", `{"sid":"abc","pid":"def"}`), nil, "83a47479706500a46461746182a3736964a3616263a3706964a3646566a36e7370a12f"},
	"DISCONNECT":             {packet(socketio.PacketDisconnect, "/chat", ``), nil, "82a47479706501a36e7370a52f63686174"},
	"CONNECT_ERROR":          {packet(socketio.PacketConnectError, "/x", `{"message":"no"}`), nil, "83a47479706504a46461746181a76d657373616765a26e6fa36e7370a22f78"},
	"an event":               {packet(socketio.PacketEvent, "/", `["hello","wörld ✓`+"\u2028"+`<",true,false,null,{"z":1,"a":{"b":[]},"":{}}]`), nil, "83a47479706502a46461746196a568656c6c6fae77c3b6726c6420e29c93e280a83cc3c2c083a17a01a16181a16290a080a36e7370a12f"},
	"integers of every size": {packet(socketio.PacketEvent, "/", integers), nil, "83a47479706502a464617461dc0015a16e007fcc80ccffcd0100cdffffce00010000ceffffffffcf0000000100000000cf001fffffffffffffffe0d0dfd080d1ff7fd18000d2ffff7fffd280000000d3ffffffff7fffffffd3ffe0000000000001a36e7370a12f"},
	"fractions":              {packet(socketio.PacketEvent, "/", `["f",1.5,-0.1,1e-7]`), nil, "83a47479706502a46461746194a166cb3ff8000000000000cbbfb999999999999acb3e7ad7f29abcaf48a36e7370a12f"},
	"longer headers":         {packet(socketio.PacketEvent, "/", `["`+strings.Repeat("x", 40)+`",0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]`), nil, "83a47479706502a464617461dc0011d928" + strings.Repeat("78", 40) + "000102030405060708090a0b0c0d0e0fa36e7370a12f"},
	"binary, with an id": {
		withID(packet(socketio.PacketEvent, "/chat", `["b",{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1}]}]`), 7),
		[][]byte{{1, 2, 3}, {4, 5}}, "84a47479706502a46461746193a162c40301020381a46465657091c4020405a2696407a36e7370a52f63686174",
	},
	"an ACK":           {withID(packet(socketio.PacketAck, "/", `["ok",{"a":1}]`), 3), nil, "84a47479706503a46461746192a26f6b81a16101a2696403a36e7370a12f"},
	"an empty ACK":     {withID(packet(socketio.PacketAck, "/", `[]`), 12345678901), nil, "84a47479706503a46461746190a26964cf00000002dfdc1c35a36e7370a12f"},
	"empty binary ACK": {withID(packet(socketio.PacketAck, "/", `[{"_placeholder":true,"num":0}]`), 0), [][]byte{{}}, "84a47479706503a46461746191c400a2696400a36e7370a12f"},
}

func packet(t socketio.PacketType, namespace, data string) socketio.Packet {
	p := socketio.Packet{Type: t, Namespace: namespace}
	if data != "" {
		p.Data = json.RawMessage(data)
	}
	return p
}

func withID(p socketio.Packet, id uint64) socketio.Packet {
	p.HasID, p.ID = true, id
	return p
}

// wire is a message in hex.
func wire(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPacketsAreThoseOfTheNpmPackage(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			message := wire(t, pair.bytes)
			got, err := msgpack.Codec{}.Encode(pair.packet, pair.attachments)
			if err != nil || !bytes.Equal(got, message) {
				t.Errorf("encoded:\n%x, want\n%x (%v)", got, message, err)
			}
			decodes(t, message, pair.packet, pair.attachments)
		})
	}
}

// decodes fails the test unless a message is that packet; the spelling of its JSON is free.
func decodes(t *testing.T, message []byte, want socketio.Packet, attachments [][]byte) {
	t.Helper()
	got, binary, err := msgpack.Codec{}.Decode(message)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	if (got.Data == nil) != (want.Data == nil) || want.Data != nil && !reflect.DeepEqual(tree(t, got.Data), tree(t, want.Data)) {
		t.Errorf("data: %s, want %s", got.Data, want.Data)
	}
	got.Data, want.Data = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("packet: %+v, want %+v", got, want)
	}
	if len(binary) != len(attachments) {
		t.Fatalf("attachments: %x, want %x", binary, attachments)
	}
	for i := range binary {
		if !bytes.Equal(binary[i], attachments[i]) {
			t.Errorf("attachments: %x, want %x", binary, attachments)
		}
	}
}

func tree(t *testing.T, text json.RawMessage) (v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestWhatOnlyClientsSend(t *testing.T) {
	tests := map[string]struct {
		bytes       string
		want        socketio.Packet
		attachments [][]byte
	}{
		"CONNECT with data that is undefined": {"83a47479706500a464617461d40000a36e7370a12f", packet(socketio.PacketConnect, "/", ``), nil},
		"an event with options":               {"84a47479706502a46461746192a568656c6c6fc3a76f7074696f6e7381a8636f6d7072657373c3a36e7370a12f", packet(socketio.PacketEvent, "/", `["hello",true]`), nil},
		"undefined in a list and in a map":    {"83a47479706502a46461746193a175d4000082a161d40000a16201a36e7370a12f", packet(socketio.PacketEvent, "/", `["u",null,{"b":1}]`), nil},
		"dates": {
			"83a47479706502a46461746193a164d7000000018df4bc5607d700ffffffffffffffffa36e7370a12f",
			packet(socketio.PacketEvent, "/", `["d","2024-02-29T12:00:00.007Z","1969-12-31T23:59:59.999Z"]`), nil,
		},
		"ArrayBuffers": {
			"83a47479706502a46461746194a162c70300010203c7010009c70000a36e7370a12f",
			packet(socketio.PacketEvent, "/", `["b",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]`),
			[][]byte{{1, 2, 3}, {9}, {}},
		},
		"the largest integers, and a float32": {
			event("cfffffffffffffffff d38000000000000000 ca3fc00000"),
			packet(socketio.PacketEvent, "/", `[18446744073709551615,-9223372036854775808,1.5]`), nil,
		},
		"numbers that JSON does not have": {
			event("a161 cb7ff8000000000001 cb7ff0000000000000 ca7f800000"), packet(socketio.PacketEvent, "/", `["a",null,null,null]`), nil,
		},
		"bytes that are no UTF-8": {event("a2ff61"), packet(socketio.PacketEvent, "/", `["`+"\ufffd"+`a"]`), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { decodes(t, wire(t, test.bytes), test.want, test.attachments) })
	}
}

// event is an event whose data is a list of up to 15 values, separated by spaces.
func event(values string) string {
	all := strings.Fields(values)
	return "83a47479706502a36e7370a12fa464617461" + hex.EncodeToString([]byte{0x90 | byte(len(all))}) + strings.Join(all, "")
}

func TestHostileMessagesAreRefused(t *testing.T) {
	tests := map[string]string{
		"nothing":                              "",
		"no map":                               "90",
		"an empty map":                         "80",
		"no type":                              "81a36e7370a12f",
		"no namespace":                         "81a47479706500",
		"a type beyond":                        "82a47479706505a36e7370a12f",
		"a type below":                         "82a474797065ffa36e7370a12f",
		"a type that wraps":                    "82a474797065cd0102a36e7370a12f",
		"a type that is a string":              "82a474797065a132a36e7370a12f",
		"a type that is a fraction":            "82a474797065cb3ff8000000000000a36e7370a12f",
		"a namespace that is a number":         "82a47479706500a36e737001",
		"a namespace without a slash":          "82a47479706500a36e7370a161",
		"a namespace with a comma":             "82a47479706500a36e7370a42f612c62",
		"an id below":                          "83a47479706502a26964ffa36e7370a12f",
		"an id that is a string":               "83a47479706502a26964a131a36e7370a12f",
		"an id of more than 64 bits":           "83a47479706502a26964cb4415af1d78b58c40a36e7370a12f",
		"bytes after the packet":               "82a47479706500a36e7370a12fc0",
		"a packet cut short":                   "82a47479706500a36e7370a1",
		"a map of four billion":                "dfffffffff",
		"a list of four billion":               event("ddffffffff"),
		"a map of four billion in data":        event("dfffffffff"),
		"a string of four gigabytes":           event("dbffffffff61"),
		"binary of four gigabytes":             event("c6ffffffff61"),
		"an ArrayBuffer of four gigabytes":     event("c9ffffffff0061"),
		"a key that is a number":               event("810101"),
		"a key that is binary":                 event("81c4016101"),
		"a key that is a list":                 event("819001"),
		"a map that looks like a placeholder":  event("82" + "ac5f706c616365686f6c646572c3" + "a36e756d00"),
		"the byte that msgpack never uses":     event("c1"),
		"an extension of another type":         event("d50102"),
		"a timestamp of msgpack's own":         event("d6ff00000000"),
		"an undefined of another type":         event("d40100"),
		"a Date of another type":               event("d7010000000000000000"),
		"a Date cut short":                     event("d70000000000"),
		"a Date in the year 10000":             event("d7000000e677d21fdc00"),
		"an extension of 16 bytes":             event("d80000000000000000000000000000000000"),
		"a list nested too deep":               event(strings.Repeat("91", 63) + "c0"),
		"a map nested too deep":                event(strings.Repeat("81a0", 63) + "c0"),
		"a list nested a million deep":         event(strings.Repeat("91", 1_000_000)),
		"something ignored nested too deep":    "83a47479706500a36e7370a12fa178" + strings.Repeat("91", 64) + "c0",
		"more attachments than anybody allows": event("dc03e9" + strings.Repeat("c400", 1001)),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			message := wire(t, text)
			if got, attachments, err := (msgpack.Codec{}).Decode(message); err == nil || got.Data != nil || attachments != nil {
				t.Errorf("decoded as %+v %x, error %v", got, attachments, err)
			}
		})
	}
	decodes(t, wire(t, event(strings.Repeat("91", 62)+"c0")),
		packet(socketio.PacketEvent, "/", strings.Repeat("[", 63)+"null"+strings.Repeat("]", 63)), nil)
}

func TestAMessageThatPromisesMuchCostsLittle(t *testing.T) {
	for _, text := range []string{"dfffffffff", event("ddffffffff"), event("dbffffffff61"), event("c6ffffffff61"), event("c9ffffffff0061")} {
		message := wire(t, text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, _, err := (msgpack.Codec{}).Decode(message); err == nil {
			t.Errorf("%s was decoded", text)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 64<<10 {
			t.Errorf("%s: %d bytes allocated", text, got)
		}
	}
}

func TestWhatCannotBeEncodedIsAnError(t *testing.T) {
	tests := map[string]struct {
		data        string
		attachments [][]byte
	}{
		"a placeholder beyond":              {`[{"_placeholder":true,"num":1}]`, [][]byte{{1}}},
		"a placeholder below":               {`[{"_placeholder":true,"num":-1}]`, [][]byte{{1}}},
		"a placeholder that is a string":    {`[{"_placeholder":true,"num":"0"}]`, [][]byte{{1}}},
		"a placeholder without a number":    {`[{"_placeholder":true}]`, [][]byte{{1}}},
		"a number beyond float64":           {`[1e400]`, nil},
		"data nested too deep":              {strings.Repeat("[", 64) + strings.Repeat("]", 64), nil},
		"data that is not JSON":             {`["a`, nil},
		"data that is more than one value":  {`[] []`, nil},
		"data that would add to the packet": {`[],"type":0`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := (msgpack.Codec{}).Encode(packet(socketio.PacketEvent, "/", test.data), test.attachments); err == nil {
				t.Errorf("encoded as %x", got)
			}
		})
	}
}

func TestWithoutAttachmentsNothingIsAPlaceholder(t *testing.T) {
	got, err := msgpack.Codec{}.Encode(packet(socketio.PacketEvent, "/", `[{"_placeholder":true,"num":0}]`), nil)
	if want := wire(t, "83a47479706502a4646174619182ac5f706c616365686f6c646572c3a36e756d00a36e7370a12f"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %x, %v", got, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, pair := range pairs {
		message, err := hex.DecodeString(pair.bytes)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		p, attachments, err := msgpack.Codec{}.Decode(message)
		if err != nil {
			return
		}
		if p.Data != nil && !json.Valid(p.Data) {
			t.Fatalf("not JSON: %q", p.Data)
		}
		if most := 6*len(message) + 40*len(attachments); len(p.Data) > most {
			t.Fatalf("%d bytes became %d", len(message), len(p.Data))
		}
		once, err := msgpack.Codec{}.Encode(p, attachments)
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v: %q", err, p.Data)
		}
		p, attachments, err = msgpack.Codec{}.Decode(once)
		if err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v: %x", err, once)
		}
		if twice, err := (msgpack.Codec{}).Encode(p, attachments); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x became %x, %v", once, twice, err)
		}
	})
}
