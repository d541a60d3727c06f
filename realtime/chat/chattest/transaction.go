package chattest

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"time"

	"roomline/realtime/chat"
)

// transaction is a chat.Writer on a state of its own.
type transaction struct{ *state }

var _ chat.Writer = (*transaction)(nil)

// Transaction implements chat.Writer.
func (t *transaction) Transaction() any { return t.state }

func (t *transaction) CreateRoom(room *chat.Room) error {
	if _, err := t.Room(room.Slug); err == nil {
		return fmt.Errorf("create room: slug %q is taken", room.Slug)
	}
	room.ID = int64(len(t.logs)) + 1
	if room.Epoch == "" {
		room.Epoch = rand.Text()
	}
	t.logs[room.ID] = roomLog{room: *room}
	return nil
}

func (t *transaction) UpdateRoom(room chat.Room) error {
	log, err := row(t.logs, room.ID)
	if err != nil {
		return fmt.Errorf("update room %d: %w", room.ID, err)
	}
	log.room.Name, log.room.Topic, log.room.Notice = room.Name, room.Topic, room.Notice
	log.room.Frozen, log.room.SlowMode = room.Frozen, room.SlowMode
	t.logs[room.ID] = log
	return nil
}

func (t *transaction) SetMember(room int64, user string, belongs bool) error {
	members := slices.DeleteFunc(slices.Clone(t.members[room]), func(id string) bool { return id == user && !belongs })
	if belongs && !slices.Contains(members, user) {
		members = append(members, user)
	}
	t.members[room] = members
	return nil
}

func (t *transaction) SetLevel(room int64, user string, level chat.Level) error {
	t.levels[reader{room, user}] = level
	return nil
}

func (t *transaction) RecordMention(room, seq int64, user string) error {
	at := reader{room, user}
	if !slices.Contains(t.mentions[at], seq) { // it was restored
		t.mentions[at] = append(slices.Clip(t.mentions[at]), seq)
	}
	return nil
}

func (t *transaction) ForgetMention(room, seq int64, user string) error {
	at := reader{room, user}
	t.mentions[at] = slices.DeleteFunc(slices.Clone(t.mentions[at]), func(s int64) bool { return s == seq })
	return nil
}

func (t *transaction) Advance(room int64, post bool) (rev, posts int64, err error) {
	log, err := row(t.logs, room)
	if err != nil {
		return 0, 0, fmt.Errorf("advance room %d: %w", room, err)
	}
	log.room.Head++
	if post {
		log.room.Posts++
	}
	t.logs[room] = log
	return log.room.Head, log.room.Posts, nil
}

func (t *transaction) InsertMessage(m chat.Message) error {
	log, err := row(t.logs, m.RoomID)
	if err != nil {
		return fmt.Errorf("insert message: room %d: %w", m.RoomID, err)
	}
	at := index(log.messages, m.Seq)
	if at < len(log.messages) && log.messages[at].Seq == m.Seq {
		return fmt.Errorf("insert message: seq %d is taken", m.Seq)
	}
	m.Author, m.Report, m.Held = chat.User{ID: m.Author.ID}, nil, false
	m.Mentions, m.Reactions = bare(m.Mentions), bareReactions(m.Reactions)
	if at == len(log.messages) {
		// What earlier states see of the array ends before this place.
		log.messages = append(log.messages, m)
	} else {
		log.messages = slices.Insert(slices.Clone(log.messages), at, m)
	}
	t.logs[m.RoomID] = log
	return nil
}

func (t *transaction) Purge(room, upTo int64, limit int) (int, error) {
	log, err := row(t.logs, room)
	if err != nil {
		return 0, fmt.Errorf("purge room %d: %w", room, err)
	}
	n := min(index(log.messages, upTo+1), limit)
	if n > 0 {
		log.room.Floor, log.room.Purged = log.messages[n-1].Seq, log.messages[n-1].Post
		t.purge(room, log.room.Floor, log.messages[n-1].SentAt)
		log.messages = slices.Clone(log.messages[n:])
		t.logs[room] = log
	}
	return n, nil
}

func (t *transaction) UpdateMessage(m chat.Message) error {
	old, err := t.Message(m.RoomID, m.Seq)
	if err != nil {
		return fmt.Errorf("update message %d of room %d: %w", m.Seq, m.RoomID, err)
	}
	old.Rev, old.Text, old.HTML, old.Mentions, old.Reactions = m.Rev, m.Text, m.HTML, bare(m.Mentions), bareReactions(m.Reactions)
	old.EditedAt, old.DeletedAt, old.DeletedBy = m.EditedAt, m.DeletedAt, m.DeletedBy
	log := t.logs[m.RoomID]
	log.messages = slices.Clone(log.messages)
	log.messages[index(log.messages, m.Seq)] = old
	t.logs[m.RoomID] = log
	return nil
}

func (t *transaction) RecordSent(s chat.Sent) error {
	if _, ok := t.sent[s.UserID][s.ClientID]; ok {
		return fmt.Errorf("record sent: id %q is taken", s.ClientID)
	}
	own := maps.Clone(t.sent[s.UserID])
	if own == nil {
		own = make(map[string]chat.Sent)
	}
	own[s.ClientID] = s
	t.sent[s.UserID] = own
	return nil
}

func (t *transaction) SetLastPost(room int64, user string, at time.Time) error {
	t.posted[reader{room, user}] = at
	return nil
}

func (t *transaction) SetReadPointer(room int64, user string, seq int64) error {
	t.pointers[reader{room, user}] = seq
	return nil
}

func (t *transaction) SetEntered(space chat.Space, user string) error {
	if t.entered[entry{space, user}] {
		return nil
	}
	t.entered[entry{space, user}] = true
	for id, log := range t.logs {
		at := reader{id, user}
		if _, ok := t.pointers[at]; !ok && log.room.Space == space && !log.room.Private && !log.room.Unlisted {
			t.pointers[at] = log.room.Head
		}
	}
	return nil
}
