package msgpack_test

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"

	"roomline/internal/options"
	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
	"roomline/realtime/socketio/msgpack"
	"roomline/realtime/transport"
)

func TestMain(m *testing.M) {
	// fasthttp keeps one clock for the whole process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// serve starts a server with the codec, whose event "echo" comes back and is acknowledged.
func serve(t *testing.T) *wiretest.Client {
	t.Helper()
	cfg := socketio.DefaultConfig()
	cfg.Engine.DrainTime = -1
	cfg.Codec = msgpack.Codec{}
	cfg.Logger = slog.New(slog.DiscardHandler)
	server := socketio.NewServer(cfg)
	server.Of("/chat").Handle("echo", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		return args.Values(), s.Emit("echoed", args.Values()...)
	})
	line := transport.New(options.Explicit(transport.Config{}), server.Engine())
	return wiretest.Serve(t, func(app *fiber.App) {
		if err := line.Mount(app); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := errors.Join(server.Close(ctx), line.Close(ctx)); err != nil {
				t.Error(err)
			}
		})
	}).Client(t)
}

// frame is a packet as wiretest has it on every line.
func frame(t *testing.T, p socketio.Packet, attachments ...[]byte) string {
	t.Helper()
	message, err := msgpack.Codec{}.Encode(p, attachments)
	if err != nil {
		t.Fatal(err)
	}
	return "b" + base64.StdEncoding.EncodeToString(message)
}

// next is the data of the next packet, which must be of that type.
func next(t *testing.T, s *wiretest.Session, kind socketio.PacketType) (string, [][]byte) {
	t.Helper()
	text, ok := s.Next()
	if !ok || !strings.HasPrefix(text, "b") {
		t.Fatalf("got %q (%v), want a binary message", text, ok)
	}
	message, err := base64.StdEncoding.DecodeString(text[1:])
	if err != nil {
		t.Fatal(err)
	}
	p, attachments, err := msgpack.Codec{}.Decode(message)
	if err != nil {
		t.Fatal(err)
	}
	if p.Type != kind {
		t.Fatalf("got %+v, want type %q", p, kind)
	}
	return string(p.Data), attachments
}

func TestAServerAndItsClientsSpeakMsgpack(t *testing.T) {
	c := serve(t)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		s := line.Open(c)
		s.Send(frame(t, packet(socketio.PacketConnect, "/nowhere", ``)))
		if got, _ := next(t, s, socketio.PacketConnectError); got != `{"message":"Invalid namespace"}` {
			t.Errorf("refused with %s", got)
		}
		s.Send(frame(t, packet(socketio.PacketConnect, "/chat", `{"token":"x"}`)))
		if got, _ := next(t, s, socketio.PacketConnect); !wiretest.Match(`{"sid":"*"}`, got) {
			t.Errorf("CONNECT was answered with %s", got)
		}
		args := `{"_placeholder":true,"num":0},18446744073709551615,"wörld"`
		s.Send(frame(t, withID(packet(socketio.PacketEvent, "/chat", `["echo",`+args+`]`), 7), []byte{1, 2, 3}))
		got, binary := next(t, s, socketio.PacketEvent)
		if got != `["echoed",`+args+`]` || len(binary) != 1 || string(binary[0]) != "\x01\x02\x03" {
			t.Errorf("echoed %s %x", got, binary)
		}
		got, binary = next(t, s, socketio.PacketAck)
		if got != `[`+args+`]` || len(binary) != 1 || string(binary[0]) != "\x01\x02\x03" {
			t.Errorf("acknowledged with %s %x", got, binary)
		}
	})
}

func TestAClientWithAnotherCodecIsClosed(t *testing.T) {
	c := serve(t)
	for name, message := range map[string]string{
		"text": `40`, "no msgpack": `bwQ==`, "an event that is a map": frame(t, packet(socketio.PacketEvent, "/chat", `{}`)),
	} {
		t.Run(name, func(t *testing.T) {
			wiretest.Run(t, func(_ *testing.T, line wiretest.Line) {
				s := line.Open(c)
				s.SendAny(message)
				s.ExpectClosed()
			})
		})
	}
}
