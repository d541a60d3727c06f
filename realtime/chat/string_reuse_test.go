package chat_test

import (
	"context"
	"strings"
	"testing"
	"unsafe"

	"roomline/realtime/chat"
)

// reused is memory that is overwritten as Fiber overwrites that of a request.
type reused struct{ memory [][]byte }

// string returns a string that shares memory with r.
func (r *reused) string(s string) string {
	b := []byte(s)
	r.memory = append(r.memory, b)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (r *reused) overwrite() {
	for _, b := range r.memory {
		copy(b, strings.Repeat("!", len(b)))
	}
}

func TestServiceKeepsNoMemoryOfItsArguments(t *testing.T) {
	limits := chat.DefaultLimits()
	limits.SendBurst, limits.SendRate = 2, 0.1
	w := newWorld(t, limits)
	ctx, r := context.Background(), &reused{}

	room, err := w.EnsureRoom(ctx, chat.NewRoom{Slug: r.string("garden"), Name: r.string("Garden"), Topic: r.string("Plants")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Post(ctx, chat.Post{Room: r.string("garden"), As: r.string(mia), ID: r.string("client-id-1"), Text: r.string("posted")}); err != nil {
		t.Fatal(err)
	}
	sent, err := w.Send(ctx, chat.Actor{ID: r.string(ned), Space: chat.SpaceGeneral},
		chat.Draft{Room: r.string("garden"), ID: r.string("client-id-2"), Text: r.string("sent")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.React(ctx, chat.Actor{ID: r.string(ned), Space: chat.SpaceGeneral}, r.string("garden"), sent.Seq, r.string("👍"), true); err != nil {
		t.Fatal(err)
	}
	r.overwrite()

	if room.Slug != "garden" || room.Name != "Garden" || room.Topic != "Plants" {
		t.Errorf("the room became %q, %q, %q", room.Slug, room.Name, room.Topic)
	}
	for i, want := range []struct{ author, id, text string }{
		{mia, "client-id-1", "posted"}, {ned, "client-id-2", "sent"}, {ned, "client-id-2", "sent"},
	} {
		if m := w.announced[i].message; m.Author.ID != want.author || m.ID != want.id || m.Text != want.text {
			t.Errorf("announcement %d became %q %q %q", i, m.Author.ID, m.ID, m.Text)
		}
	}
	reactions := w.announced[2].message.Reactions
	if len(reactions) != 1 || reactions[0].Emoji != "👍" || reactions[0].Users[0].ID != ned {
		t.Errorf("the reaction became %+v", reactions)
	}
	// The rate limiter still knows who has sent: one more is allowed, the third is not.
	for i, id := range []string{"client-id-3", "client-id-4"} {
		_, err := w.Send(ctx, chat.Actor{ID: ned, Space: chat.SpaceGeneral}, chat.Draft{Room: "garden", ID: id, Text: "more"})
		if limited := chat.ErrorCode(err) == chat.CodeRateLimited; limited != (i == 1) {
			t.Errorf("send %d: %v", i+2, err)
		}
	}
}
