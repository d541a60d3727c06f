package socketio

import (
	"testing"

	"roomline/realtime/engineio"
)

func TestBoundThatIsSetLeavesOthersAtTheirDefaults(t *testing.T) {
	s := NewServer(Config{MaxDepth: 3, MaxAcks: -1, Engine: engineio.Config{MaxPayload: 7, OutboxBytes: -1}})
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	want := DefaultConfig()
	want.MaxDepth, want.MaxAcks, want.Engine.MaxPayload, want.Engine.OutboxBytes = 3, 0, 7, 0
	got := s.cfg
	if got.MaxDepth != want.MaxDepth || got.MaxAcks != want.MaxAcks || got.MaxPendingBytes != want.MaxPendingBytes || got.ConnectTimeout != want.ConnectTimeout {
		t.Errorf("the bounds are %+v", got)
	}
	engine := s.Engine().Config()
	engine.Logger = nil
	if engine != want.Engine {
		t.Errorf("the engine's bounds are %+v, want %+v", engine, want.Engine)
	}
}
