package socketio

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"roomline/realtime/engineio"
)

func TestPacketsOnTheWire(t *testing.T) {
	tests := map[string]Packet{
		`0`:                                      {Type: PacketConnect, Namespace: "/"},
		`0/admin,`:                               {Type: PacketConnect, Namespace: "/admin"},
		`0/admin`:                                {Type: PacketConnect, Namespace: "/admin"},
		`0{"token":"x"}`:                         {Type: PacketConnect, Namespace: "/", Data: json.RawMessage(`{"token":"x"}`)},
		`0/a?b=c,{}`:                             {Type: PacketConnect, Namespace: "/a?b=c", Data: json.RawMessage(`{}`)},
		`1/admin,`:                               {Type: PacketDisconnect, Namespace: "/admin"},
		`2["hi"]`:                                {Type: PacketEvent, Namespace: "/", Data: json.RawMessage(`["hi"]`)},
		`2/admin,456["hi",{"a":1}]`:              {Type: PacketEvent, Namespace: "/admin", HasID: true, ID: 456, Data: json.RawMessage(`["hi",{"a":1}]`)},
		`20["zero"]`:                             {Type: PacketEvent, Namespace: "/", HasID: true, Data: json.RawMessage(`["zero"]`)},
		`29007199254740991["most"]`:              {Type: PacketEvent, Namespace: "/", HasID: true, ID: maxAckID, Data: json.RawMessage(`["most"]`)},
		`3/admin,7[]`:                            {Type: PacketAck, Namespace: "/admin", HasID: true, ID: 7, Data: json.RawMessage(`[]`)},
		`51-["b",{"_placeholder":true,"num":0}]`: {Type: PacketBinaryEvent, Namespace: "/", Attachments: 1, Data: json.RawMessage(`["b",{"_placeholder":true,"num":0}]`)},
		`610-/x,3[]`:                             {Type: PacketBinaryAck, Namespace: "/x", Attachments: 10, HasID: true, ID: 3, Data: json.RawMessage(`[]`)},
	}
	for wire, want := range tests {
		got, err := decodePacket([]byte(wire), 10, 16)
		if err != nil {
			t.Errorf("%s: %v", wire, err)
			continue
		}
		if got.Type != want.Type || got.Namespace != want.Namespace || got.HasID != want.HasID || got.ID != want.ID ||
			got.Attachments != want.Attachments || string(got.Data) != string(want.Data) {
			t.Errorf("%s: got %+v, want %+v", wire, got, want)
		}
	}
}

func TestMalformedPacketsAreRefused(t *testing.T) {
	tests := map[string]string{
		"nothing":                      "",
		"an unknown type":              "7",
		"an Engine.IO type":            "4{",
		"CONNECT with null":            "0null",
		"CONNECT with an array":        "0[]",
		"CONNECT with a string":        `0"x"`,
		"DISCONNECT with a payload":    `1{}`,
		"CONNECT_ERROR from a client":  `4{"message":"x"}`,
		"an event that is no array":    `2{}`,
		"an event without payload":     `2`,
		"a negative ack id":            `2-1["x"]`,
		"an ack id above 2^53":         `29007199254740992["x"]`,
		"an ack id of 40 digits":       `2` + strings.Repeat("9", 40) + `["x"]`,
		"an ack without id":            `3[]`,
		"an ack that is no array":      `31{}`,
		"no attachments":               `50-["x"]`,
		"too many attachments":         `511-["x"]`,
		"attachments without end":      `599999999999-["x"]`,
		"negative attachments":         `5-1-["x"]`,
		"attachments without a dash":   `51["x"]`,
		"attachments without a number": `5["x"]`,
		"JSON cut short":               `2["x"`,
		"two JSON values":              `2["x"]["y"]`,
		"auth nested much too deep":    `0{"a":` + strings.Repeat("[", 100_000),
		"a namespace of a megabyte":    `0/` + strings.Repeat("n", 1<<20),
	}
	for name, wire := range tests {
		if p, err := decodePacket([]byte(wire), 10, 16); !errors.Is(err, errPacket) {
			t.Errorf("%s: got %+v and error %v", name, p, err)
		}
	}
}

func TestEventsNestedTooDeepAreNotParsed(t *testing.T) {
	for _, depth := range []int{17, 100_000} {
		p, err := decodePacket([]byte("2/chat,7"+strings.Repeat("[", depth)), 10, 16)
		if err != nil || !p.TooDeep || p.Data != nil || p.ID != 7 || p.Namespace != "/chat" {
			t.Errorf("depth %d: got %+v, %v", depth, p, err)
		}
	}
}

func TestEventNames(t *testing.T) {
	for wire, want := range map[string]string{
		`["hi",1]`: "hi", `[7,1]`: "7", `["__proto__"]`: "__proto__", `["error"]`: "error", `[""]`: "", `["é"]`: "é",
	} {
		if name, _, err := splitEvent(json.RawMessage(wire)); err != nil || name != want {
			t.Errorf("%s: got %q, %v", wire, name, err)
		}
	}
	for _, wire := range []string{`[]`, `[null]`, `[{}]`, `[["x"]]`, `[true]`, `[{"toString":"x"}]`, `["connect"]`, `["disconnecting"]`} {
		if name, _, err := splitEvent(json.RawMessage(wire)); !errors.Is(err, errPacket) {
			t.Errorf("%s: got %q and error %v", wire, name, err)
		}
	}
}

type binaryFile struct {
	Name string `json:"name"`
	Body []byte `json:"body"`
	Note string `json:"note,omitempty"`
	skip []byte
	Hide []byte `json:"-"`
}

const ack = "(an acknowledgement)"

func TestEventsAreEncodedAsTheReferenceDoes(t *testing.T) {
	file := binaryFile{Name: "a<b>", Body: []byte{1, 2}, skip: []byte{9}, Hide: []byte{9}}
	tests := map[string]struct {
		namespace, event string
		hasID            bool
		args             []any
		want             string
		attachments      int
	}{
		"no arguments":           {"/", "hi", false, nil, `2["hi"]`, 0},
		"a namespace and an id":  {"/admin", "hi", true, []any{1, nil, "x"}, `2/admin,0["hi",1,null,"x"]`, 0},
		"an acknowledgement":     {"/", ack, true, []any{true}, `30[true]`, 0},
		"an empty one":           {"/", ack, true, nil, `30[]`, 0},
		"nothing is escaped":     {"/", "hi", false, []any{"<&>\u2028\u2029\\u2028"}, "2[\"hi\",\"<&>\u2028\u2029\\\\u2028\"]", 0},
		"raw JSON":               {"/", "hi", false, []any{json.RawMessage(`{"a":1}`)}, `2["hi",{"a":1}]`, 0},
		"binary":                 {"/", "hi", false, []any{[]byte{1}}, `51-["hi",{"_placeholder":true,"num":0}]`, 1},
		"binary in a map":        {"/", "hi", false, []any{map[string]any{"b": []byte{1}, "a": 2}}, `51-["hi",{"a":2,"b":{"_placeholder":true,"num":0}}]`, 1},
		"binary in a struct":     {"/", "hi", false, []any{&file}, `51-["hi",{"name":"a<b>","body":{"_placeholder":true,"num":0}}]`, 1},
		"binary in a list":       {"/x", ack, true, []any{[]any{[]byte{1}, []byte{2}, "z"}}, `62-/x,0[[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},"z"]]`, 2},
		"raw JSON is not binary": {"/", "hi", false, []any{[]json.RawMessage{[]byte("1")}}, `2["hi",[1]]`, 0},
	}
	for name, test := range tests {
		encode := func() (Prepared, error) {
			p, err := encodeEvent(test.namespace, test.event, test.args)
			if err == nil && test.hasID {
				return p.withID(0)
			}
			return p, err
		}
		if test.event == ack {
			encode = func() (Prepared, error) { return encodeAck(test.namespace, 0, test.args) }
		}
		p, err := encode()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := string(p.packets[0].Data); got != test.want || len(p.packets)-1 != test.attachments {
			t.Errorf("%s: got %s with %d attachments, want %s with %d", name, got, len(p.packets)-1, test.want, test.attachments)
		}
	}
	if _, err := encodeEvent("/", "disconnect", nil); err == nil {
		t.Error("a reserved event was encoded")
	}
	if _, err := encodeEvent("/", "hi", []any{make(chan int)}); err == nil {
		t.Error("a channel was encoded")
	}
}

func TestBinaryArgumentsComeBackAsTheyWere(t *testing.T) {
	raw := rawMessages(`{"name":"f","body":{"_placeholder":true,"num":1}}`, `{"_placeholder":true,"num":0}`, `12345678901234567890`)
	args, err := withAttachments(raw, [][]byte{{1}, {2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	var file binaryFile
	if err := args.Decode(0, &file); err != nil || file.Name != "f" || string(file.Body) != "\x02\x03" {
		t.Errorf("got %+v, %v", file, err)
	}
	var b []byte
	if err := args.Decode(1, &b); err != nil || string(b) != "\x01" {
		t.Errorf("got %v, %v", b, err)
	}
	p, err := encodeEvent("/", "back", args.Values())
	if err != nil {
		t.Fatal(err)
	}
	want := `52-["back",{"body":{"_placeholder":true,"num":0},"name":"f"},{"_placeholder":true,"num":1},12345678901234567890]`
	if got := string(p.packets[0].Data); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := args.Decode(3, &b); err == nil {
		t.Error("an argument that is not there was decoded")
	}
}

func TestPlaceholdersThatLie(t *testing.T) {
	for _, num := range []string{`"splice"`, `5`, `-1`, `1e9`, `0.5`, `null`, `1`, `{}`} {
		raw := rawMessages(`[{"_placeholder":true,"num":` + num + `}]`)
		if args, err := withAttachments(raw, [][]byte{{1}}); !errors.Is(err, errPacket) {
			t.Errorf("num %s: got %v, error %v", num, args, err)
		}
	}
}

func rawMessages(texts ...string) []json.RawMessage {
	all := make([]json.RawMessage, len(texts))
	for i, t := range texts {
		all[i] = json.RawMessage(t)
	}
	return all
}

func TestSizeCountsEveryPacket(t *testing.T) {
	p := Prepared{[]engineio.Packet{{Data: []byte("123")}, {Data: []byte("4")}}}
	if p.Size() != 6 {
		t.Errorf("got %d", p.Size())
	}
}
