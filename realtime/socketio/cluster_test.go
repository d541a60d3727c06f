package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
)

// cluster serves "/" on two nodes, and opens a client on each, over each line.
func cluster(t *testing.T, line wiretest.Line) (nodes [2]*socketio.Namespace, clients [2]*wiretest.Session) {
	t.Helper()
	for i, adapter := range socketio.NewMemoryAdapters(2) {
		c := serve(t, func(cfg *socketio.Config) { cfg.Adapter = adapter }, func(s *socketio.Server) {
			nodes[i] = s.Of("/")
			nodes[i].OnConnect(func(_ context.Context, s *socketio.Socket) {
				s.Join("all", fmt.Sprintf("node %d", i))
				s.SetData(map[string]int{"node": i})
				_ = s.Emit("ready")
			})
		})
		clients[i] = line.Open(c)
		clients[i].Send("40")
		clients[i].Expect(`40{*}`, `42["ready"]`)
	}
	return nodes, clients
}

func TestABroadcastReachesOtherNodes(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		nodes, clients := cluster(t, line)
		must(t, nodes[0].Emit("everybody", []byte{1}), nodes[0].To("all").Except("node 0").Emit("the other"),
			nodes[0].Local().Emit("here"), nodes[1].In("node 0", "all").Local().Emit("there"))
		clients[0].Expect(`451-["everybody",{"_placeholder":true,"num":0}]`, `bAQ==`, `42["here"]`)
		clients[1].Expect(`451-["everybody",{"_placeholder":true,"num":0}]`, `bAQ==`, `42["the other"]`, `42["there"]`)
	})
}

func TestSocketsOfOtherNodesAreSeenAndMoved(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		nodes, clients := cluster(t, line)
		all, err := nodes[0].FetchSockets(t.Context())
		must(t, err)
		if len(all) != 2 {
			t.Fatalf("got %d sockets", len(all))
		}
		i := slices.IndexFunc(all, func(s socketio.SocketInfo) bool { return slices.Contains(s.Rooms, "node 1") })
		far := all[i]
		if string(far.Data) != `{"node":1}` || far.Handshake.RemoteAddr != "127.0.0.1" || nodes[1].Socket(far.ID) == nil {
			t.Errorf("got %+v", far)
		}
		there := nodes[0].To(far.ID)
		must(t, there.SocketsJoin("moved"), nodes[0].To("moved").SocketsJoin("again"), there.SocketsLeave("all"))
		rooms := nodes[1].Socket(far.ID).Rooms()
		slices.Sort(rooms)
		if !slices.Equal(rooms, []string{"again", "moved", "node 1"}) {
			t.Errorf("it is in %v", rooms)
		}
		must(t, there.Emit("hello"), nodes[0].To("moved").SocketsLeave("moved"), nodes[0].To("moved").Emit("not for it"))
		clients[1].Expect(`42["hello"]`)
		must(t, there.DisconnectSockets(false))
		clients[1].Expect(`41`)
		must(t, nodes[1].DisconnectSockets(true))
		clients[0].Expect(`41`)
		clients[0].ExpectClosed()
	})
}

func TestABroadcastGathersAcknowledgements(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		nodes, clients := cluster(t, line)
		type result struct {
			answers []socketio.Args
			err     error
		}
		ask := func(b socketio.Broadcast) <-chan result {
			done := make(chan result, 1)
			go func() {
				answers, err := b.EmitWithAck(t.Context(), "question", 1)
				done <- result{answers, err}
			}()
			return done
		}
		heard := func(i int) string { // the id of the question
			t.Helper()
			packet, _ := clients[i].Next()
			id, ok := strings.CutSuffix(strings.TrimPrefix(packet, "42"), `["question",1]`)
			if !ok {
				t.Fatalf("heard %q", packet)
			}
			return id
		}
		texts := func(all []socketio.Args) (texts []string) {
			for _, a := range all {
				var s string
				must(t, a.Decode(0, &s))
				texts = append(texts, s)
			}
			slices.Sort(texts)
			return texts
		}

		all := ask(nodes[0].Timeout(10 * time.Second))
		clients[0].Send("43" + heard(0) + `["a"]`)
		clients[1].Send("43" + heard(1) + `["b"]`)
		if r := <-all; r.err != nil || !slices.Equal(texts(r.answers), []string{"a", "b"}) {
			t.Errorf("got %v, %v", r.answers, r.err)
		}

		some := ask(nodes[0].Timeout(100 * time.Millisecond))
		heard(0)
		clients[1].Send("43" + heard(1) + `["b"]`)
		if r := <-some; !errors.Is(r.err, context.DeadlineExceeded) || !slices.Equal(texts(r.answers), []string{"b"}) {
			t.Errorf("when one is silent: %v, %v", r.answers, r.err)
		}

		rest := ask(nodes[0].Timeout(10 * time.Second))
		clients[0].Send("43" + heard(0) + `["a"]`)
		heard(1)
		clients[1].Send("41") // who leaves is not waited for
		if r := <-rest; r.err != nil || !slices.Equal(texts(r.answers), []string{"a"}) {
			t.Errorf("when one leaves: %v, %v", r.answers, r.err)
		}
		if r := <-ask(nodes[0].To("nobody")); r.err != nil || len(r.answers) != 0 {
			t.Errorf("when nobody is asked: %v, %v", r.answers, r.err)
		}
	})
}

func TestNodesTalkToEachOther(t *testing.T) {
	var names [3]*socketio.Namespace
	heard := make(chan string, 8)
	for i, adapter := range socketio.NewMemoryAdapters(3) {
		serve(t, func(cfg *socketio.Config) { cfg.Adapter = adapter }, func(s *socketio.Server) {
			names[i] = s.Of("/")
			names[i].OnServerSide("hello", func(_ context.Context, args socketio.Args) ([]any, error) {
				var from int
				err := args.Decode(0, &from)
				heard <- fmt.Sprintf("%d from %d", i, from)
				return []any{i, args.Value(1)}, err
			})
			names[i].OnServerSide("wait", func(ctx context.Context, _ socketio.Args) ([]any, error) {
				if i == 1 {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return []any{i}, nil
			})
		})
	}
	must(t, names[0].ServerSideEmit("hello", 0))
	got := []string{<-heard, <-heard}
	slices.Sort(got)
	if !slices.Equal(got, []string{"1 from 0", "2 from 0"}) {
		t.Errorf("heard %v", got)
	}
	answers, err := names[2].ServerSideEmitWithAck(t.Context(), "hello", 2, []byte{7})
	must(t, err)
	var who []int
	for _, a := range answers {
		var node int
		var echo []byte
		must(t, a.Decode(0, &node), a.Decode(1, &echo))
		if who = append(who, node); string(echo) != "\x07" {
			t.Errorf("binary came back as %v", echo)
		}
	}
	if slices.Sort(who); !slices.Equal(who, []int{0, 1}) {
		t.Errorf("%v answered", who)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	answers, err = names[0].ServerSideEmitWithAck(ctx, "wait")
	if !errors.Is(err, context.DeadlineExceeded) || len(answers) > 1 {
		t.Errorf("got %v, %v", answers, err)
	}
}

// recorder is an adapter of a cluster in which nobody else is yet.
type recorder struct{ published []json.RawMessage }

func (r *recorder) Attach(socketio.Node) {}
func (r *recorder) Publish(_ context.Context, request []byte) error {
	r.published = append(r.published, request)
	return nil
}
func (r *recorder) Ask(context.Context, []byte, func([]byte)) error { return nil }
func (r *recorder) Close() error                                    { return errors.New("closed") }

func TestWhatIsLocalIsNotPublished(t *testing.T) {
	adapter := &recorder{}
	cfg := socketio.DefaultConfig()
	cfg.Adapter = adapter
	s := socketio.NewServer(cfg)
	n := s.Of("/")
	must(t, n.Emit("a"), n.Local().Emit("b"), n.Local().SocketsJoin("room"), n.To("x").Volatile().Emit("c"))
	if len(adapter.published) != 2 || !strings.Contains(string(adapter.published[1]), `"volatile":true`) {
		t.Errorf("published: %s", adapter.published)
	}
	if err := s.Close(t.Context()); err == nil || err.Error() != "closed" {
		t.Errorf("the adapter was not closed: %v", err)
	}
}

func TestWhoLeavesAsItIsAskedIsNotWaitedFor(t *testing.T) {
	var n *socketio.Namespace
	c := serve(t, nil, func(s *socketio.Server) { n = s.Of("/") })
	for range 20 {
		s := wiretest.WebSocket().Open(c)
		s.Send(`40`)
		s.Expect(`40{*}`)
	}
	var leaving sync.WaitGroup
	for _, s := range n.Sockets() {
		leaving.Go(func() { s.Disconnect(false) })
	}
	for len(n.Sockets()) > 0 {
		if answers, err := n.Timeout(10*time.Second).EmitWithAck(t.Context(), "question"); err != nil || len(answers) > 0 {
			t.Fatalf("got %d answers, %v", len(answers), err)
		}
		if err := n.To("nobody").Emit("x"); err != nil {
			t.Fatal(err)
		}
	}
	leaving.Wait()
}
