package realtime

import (
	"slices"
	"strconv"
	"sync"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

// The frequent answers and events write their own JSON (socketio.JSONAppender). Each is the same
// as encoding/json makes of it, but for the escapes of HTML: a test holds them together.

const okHead = `{"ok":true`

// keptTails is for how many rooms tails are kept at the most.
const keptTails = 64

// accepted is the acknowledgement that says nothing more.
type accepted struct{ done }

// AppendJSON implements socketio.JSONAppender.
func (accepted) AppendJSON(b []byte) []byte { return append(b, okHead+"}"...) }

// AppendJSON implements socketio.JSONAppender.
func (r listReply) AppendJSON(b []byte) []byte {
	return append(appendList(append(b, okHead+`,"rooms":`...), r.Rooms), '}')
}

// AppendJSON implements socketio.JSONAppender.
func (r messageReply) AppendJSON(b []byte) []byte {
	return append(r.Message.AppendJSON(append(b, okHead+`,"message":`...)), '}')
}

// AppendJSON implements socketio.JSONAppender.
func (r sendReply) AppendJSON(b []byte) []byte {
	if r.Held != nil {
		return append(appendHeld(append(b, okHead+`,"held":`...), *r.Held), '}')
	}
	return append(r.Message.AppendJSON(append(b, okHead+`,"message":`...)), '}')
}

// AppendJSON implements socketio.JSONAppender.
func (r readReply) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, okHead+`,"lastRead":`...), r.LastRead, 10)
	b = strconv.AppendInt(append(b, `,"unread":`...), r.Unread, 10)
	b = strconv.AppendInt(append(b, `,"mentions":`...), r.Mentions, 10)
	return append(b, '}')
}

// AppendJSON implements socketio.JSONAppender.
func (r historyReply) AppendJSON(b []byte) []byte {
	b = appendList(append(b, okHead+`,"messages":`...), r.Messages)
	b = strconv.AppendBool(append(b, `,"hasOlder":`...), r.HasOlder)
	b = strconv.AppendBool(append(b, `,"hasNewer":`...), r.HasNewer)
	return append(b, '}')
}

// AppendJSON implements socketio.JSONAppender.
func (r joinReply) AppendJSON(b []byte) []byte {
	b = append(slices.Grow(b, r.size()), okHead+`,"room":`...)
	b = appendAllHeld(r.Room.AppendJSON(b), r.Held)
	b = r.Messages.AppendJSON(append(b, `,"messages":`...))
	b = strconv.AppendBool(append(b, `,"hasOlder":`...), r.HasOlder)
	if r.Reset != nil {
		b = chat.AppendString(append(b, `,"reset":{"reason":`...), r.Reset.Reason)
		b = append(b, '}')
	}
	return append(b, '}')
}

// SplitJSON implements socketio.TailedJSON: the messages are the same for all who come.
func (r joinReply) SplitJSON(b []byte) (head, tail []byte) {
	if r.Messages.tail == nil || r.Reset != nil {
		return b, nil
	}
	b = appendAllHeld(r.Room.AppendJSON(append(b, okHead+`,"room":`...)), r.Held)
	return append(b, `,"messages":`...), r.Messages.tail
}

// appendAllHeld appends what of the user waits for review, if anything does.
func appendAllHeld(b []byte, held []chat.Held) []byte {
	if len(held) == 0 {
		return b
	}
	b = append(b, `,"held":[`...)
	for i, h := range held {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendHeld(b, h)
	}
	return append(b, ']')
}

// appendHeld appends what waits for review.
func appendHeld(b []byte, h chat.Held) []byte {
	b = chat.AppendString(append(b, `{"room":`...), h.Room)
	b = chat.AppendString(append(b, `,"id":`...), h.ID)
	if h.Text != "" {
		b = chat.AppendString(append(b, `,"text":`...), h.Text)
	}
	b = chat.AppendString(append(b, `,"state":`...), string(h.State))
	b = chat.AppendTime(append(b, `,"at":`...), h.At)
	if h.Reason != "" {
		b = chat.AppendString(append(b, `,"reason":`...), h.Reason)
	}
	return append(b, '}')
}

// size is about how long the JSON is.
func (r joinReply) size() int {
	const frame, message = 512, 300
	n := frame + len(r.Room.Online.users)
	for _, p := range r.Messages.encoded {
		n += len(p.Text())
	}
	for _, m := range r.Messages.plain {
		n += message + len(m.Text)
	}
	return n
}

// AppendJSON implements socketio.JSONAppender.
func (r joinedRoom) AppendJSON(b []byte) []byte {
	b = r.RoomView.AppendJSON(b)
	return append(r.Online.AppendJSON(append(b[:len(b)-1], `,"online":`...)), '}')
}

// messageList is messages as the store has them, or as they were sent to everybody.
type messageList struct {
	plain   []chat.Message
	encoded []socketio.Prepared
	head    int    // of encoded, before the message
	tail    []byte // encoded as a list, and what follows it in the answer to a join; nil if it is not shared
}

// tails keeps what answers to joins end with, for the rooms joined last.
type tails struct {
	mu     sync.Mutex // guards what follows
	byRoom map[int64]messageList
}

// share gives l the tail that others have got for the same messages, which tell hasOlder too.
func (t *tails) share(room int64, l messageList, hasOlder bool) messageList {
	if len(l.encoded) == 0 {
		return l
	}
	t.mu.Lock()
	last := t.byRoom[room]
	t.mu.Unlock()
	if len(l.encoded) == len(last.encoded) && &l.encoded[0] == &last.encoded[0] {
		return last
	}
	l.tail = strconv.AppendBool(append(l.AppendJSON(nil), `,"hasOlder":`...), hasOlder)
	l.tail = append(l.tail, "}]"...)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byRoom == nil || len(t.byRoom) >= keptTails {
		t.byRoom = make(map[int64]messageList)
	}
	t.byRoom[room] = l
	return l
}

// AppendJSON appends the list.
func (l messageList) AppendJSON(b []byte) []byte {
	if l.encoded == nil {
		return appendList(b, l.plain)
	}
	b = append(b, '[')
	for i, p := range l.encoded {
		if i > 0 {
			b = append(b, ',')
		}
		text := p.Text()
		b = append(b, text[l.head:len(text)-len(eventTail)]...)
	}
	return append(b, ']')
}

// MarshalJSON implements json.Marshaler.
func (l messageList) MarshalJSON() ([]byte, error) { return l.AppendJSON(nil), nil }

// appender is what appendList makes a list of.
type appender interface{ AppendJSON(b []byte) []byte }

func appendList[T appender](b []byte, list []T) []byte {
	b = append(b, '[')
	for i, one := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one.AppendJSON(b)
	}
	return append(b, ']')
}

// AppendJSON implements socketio.JSONAppender.
func (h hello) AppendJSON(b []byte) []byte {
	b = h.User.AppendJSON(append(b, `{"user":`...))
	b = appendList(append(b, `,"rooms":`...), h.Rooms)
	b = append(append(b, `,"limits":`...), h.Limits...)
	b = chat.AppendTime(append(b, `,"now":`...), h.Now)
	if h.Sanction != nil {
		b = h.Sanction.AppendJSON(append(b, `,"sanction":`...))
	}
	return append(b, '}')
}

// AppendJSON implements socketio.JSONAppender.
func (e sanctionEvent) AppendJSON(b []byte) []byte {
	b = chat.AppendString(append(b, `{"kind":`...), string(e.Kind))
	if !e.Until.IsZero() {
		b = chat.AppendTime(append(b, `,"until":`...), e.Until)
	}
	b = chat.AppendString(append(b, `,"reason":`...), e.Reason)
	if e.Lifted {
		b = append(b, `,"lifted":true`...)
	}
	return append(b, '}')
}

// AppendJSON implements socketio.JSONAppender.
func (e readEvent) AppendJSON(b []byte) []byte {
	b = chat.AppendString(append(b, `{"room":`...), e.Room)
	b = strconv.AppendInt(append(b, `,"seq":`...), e.Seq, 10)
	b = strconv.AppendInt(append(b, `,"unread":`...), e.Unread, 10)
	b = strconv.AppendInt(append(b, `,"mentions":`...), e.Mentions, 10)
	return append(b, '}')
}

// AppendJSON implements socketio.JSONAppender.
func (e typingEvent) AppendJSON(b []byte) []byte {
	b = chat.AppendString(append(b, `{"room":`...), e.Room)
	b = chat.AppendString(append(b, `,"user":{"id":`...), e.User.ID)
	b = chat.AppendString(append(b, `,"name":`...), e.User.Name)
	b = strconv.AppendBool(append(b, `},"on":`...), e.On)
	return append(b, '}')
}

// AppendJSON appends the people online.
func (o online) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"count":`...), int64(o.count), 10)
	return append(append(append(b, `,"users":`...), o.users...), '}')
}

// MarshalJSON implements json.Marshaler.
func (o online) MarshalJSON() ([]byte, error) { return o.AppendJSON(nil), nil }
