package chattest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"roomline/realtime/chat"
)

// state is everything a Store holds at one moment; it is a chat.Reader.
type state struct {
	users    map[string]chat.User
	logs     map[int64]roomLog
	sent     map[string]map[string]chat.Sent // by user, then client id
	posted   map[reader]time.Time
	pointers map[reader]chat.ReadPointer
	levels   map[reader]chat.Level
	members  map[int64][]string
	mentions map[reader][]int64 // seqs
}

// roomLog is a room and its messages in order of seq.
type roomLog struct {
	room     chat.Room
	messages []chat.Message
}

type reader struct {
	room int64
	user string
}

var _ chat.Reader = (*state)(nil)

func newState() *state {
	return &state{
		users:    make(map[string]chat.User),
		logs:     make(map[int64]roomLog),
		sent:     make(map[string]map[string]chat.Sent),
		posted:   make(map[reader]time.Time),
		pointers: make(map[reader]chat.ReadPointer),
		levels:   make(map[reader]chat.Level),
		members:  make(map[int64][]string),
		mentions: make(map[reader][]int64),
	}
}

// clone copies the maps. What they hold is shared, and copied by whoever changes it.
func (s *state) clone() *state {
	return &state{
		maps.Clone(s.users), maps.Clone(s.logs), maps.Clone(s.sent), maps.Clone(s.posted), maps.Clone(s.pointers),
		maps.Clone(s.levels), maps.Clone(s.members), maps.Clone(s.mentions),
	}
}

func (s *state) Rooms(space chat.Space) ([]chat.Room, error) {
	var rooms []chat.Room
	for _, log := range s.logs {
		if log.room.Space == space {
			rooms = append(rooms, log.room)
		}
	}
	slices.SortFunc(rooms, func(a, b chat.Room) int { return cmp.Compare(a.ID, b.ID) })
	return rooms, nil
}

func (s *state) RoomsOf(space chat.Space, user string) ([]chat.RoomOf, error) {
	rooms, err := s.Rooms(space)
	var list []chat.RoomOf
	for _, room := range rooms {
		if standing := s.standing(room.ID, user); !room.Private || standing.Belongs {
			list = append(list, chat.RoomOf{Room: room, Standing: standing})
		}
	}
	return list, err
}

func (s *state) Room(slug string) (chat.Room, error) {
	for _, log := range s.logs {
		if log.room.Slug == slug {
			return log.room, nil
		}
	}
	return chat.Room{}, chat.ErrMissing
}

func (s *state) User(id string) (chat.User, error) {
	return row(s.users, id)
}

func (s *state) Users(ids []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User, len(ids))
	for _, id := range ids {
		if u, ok := s.users[id]; ok {
			users[id] = u
		}
	}
	return users, nil
}

func (s *state) Message(room, seq int64) (chat.Message, error) {
	messages := s.logs[room].messages
	if i := index(messages, seq); i < len(messages) && messages[i].Seq == seq {
		return messages[i], nil
	}
	return chat.Message{}, chat.ErrMissing
}

func (s *state) Before(room, seq int64, limit int) ([]chat.Message, error) {
	messages := s.logs[room].messages
	end := index(messages, seq)
	return slices.Clone(messages[max(0, end-limit):end]), nil
}

func (s *state) After(room, seq int64, limit int) ([]chat.Message, error) {
	messages := s.logs[room].messages
	start := sort.Search(len(messages), func(i int) bool { return messages[i].Seq > seq })
	return slices.Clone(messages[start:min(len(messages), start+limit)]), nil
}

func (s *state) Changes(room, rev int64, limit int) ([]chat.Message, error) {
	var changes []chat.Message
	for _, m := range s.logs[room].messages {
		if m.Rev > rev {
			changes = append(changes, m)
		}
	}
	slices.SortFunc(changes, func(a, b chat.Message) int { return cmp.Compare(a.Rev, b.Rev) })
	return changes[:min(len(changes), limit)], nil
}

func (s *state) UsersNamed(names []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User)
	for _, name := range names {
		for _, u := range s.users {
			if strings.EqualFold(u.Name, name) {
				users[name] = u
			}
		}
	}
	return users, nil
}

func (s *state) FindUsers(prefix string, limit int) ([]chat.User, error) {
	var users []chat.User
	for _, u := range s.users {
		if strings.HasPrefix(strings.ToLower(u.Name), strings.ToLower(prefix)) {
			users = append(users, u)
		}
	}
	slices.SortFunc(users, func(a, b chat.User) int {
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return users[:min(len(users), limit)], nil
}

func (s *state) MembersOf(room int64) ([]string, error) { return slices.Clone(s.members[room]), nil }

func (s *state) Standing(room int64, user string) (chat.Standing, error) {
	return s.standing(room, user), nil
}

func (s *state) standing(room int64, user string) chat.Standing {
	at := reader{room, user}
	standing := chat.Standing{Read: s.pointers[at], Level: s.levels[at], Belongs: slices.Contains(s.members[room], user)}
	for _, seq := range s.mentions[at] {
		if m, err := s.Message(room, seq); err == nil && !m.Deleted() && seq > standing.Read.Seq {
			standing.Mentions++
		}
	}
	return standing
}

func (s *state) Sent(user, clientID string) (chat.Sent, error) {
	return row(s.sent[user], clientID)
}

// transaction is a chat.Writer on a state of its own.
type transaction struct{ *state }

var _ chat.Writer = (*transaction)(nil)

func (t *transaction) CreateRoom(room *chat.Room) error {
	if _, err := t.Room(room.Slug); err == nil {
		return fmt.Errorf("create room: slug %q is taken", room.Slug)
	}
	room.ID = int64(len(t.logs)) + 1
	t.logs[room.ID] = roomLog{room: *room}
	return nil
}

func (t *transaction) UpdateRoom(room chat.Room) error {
	log, err := row(t.logs, room.ID)
	if err != nil {
		return fmt.Errorf("update room %d: %w", room.ID, err)
	}
	log.room.Name, log.room.Topic, log.room.Notice = room.Name, room.Topic, room.Notice
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
	t.mentions[at] = append(slices.Clone(t.mentions[at]), seq)
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
	m.Author = chat.User{ID: m.Author.ID}
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

func (t *transaction) LastPost(room int64, user string) (time.Time, error) {
	return t.posted[reader{room, user}], nil
}

func (t *transaction) SetLastPost(room int64, user string, at time.Time) error {
	t.posted[reader{room, user}] = at
	return nil
}

func (t *transaction) SetReadPointer(room int64, user string, p chat.ReadPointer) error {
	t.pointers[reader{room, user}] = p
	return nil
}

// bare returns users as a Store keeps them.
func bare(users []chat.User) []chat.User {
	var ids []chat.User
	for _, u := range users {
		ids = append(ids, chat.User{ID: u.ID})
	}
	return ids
}

func bareReactions(reactions []chat.Reaction) []chat.Reaction {
	var kept []chat.Reaction
	for _, r := range reactions {
		kept = append(kept, chat.Reaction{Emoji: r.Emoji, Users: bare(r.Users)})
	}
	return kept
}

// index returns where the message with that seq is or would be.
func index(messages []chat.Message, seq int64) int {
	return sort.Search(len(messages), func(i int) bool { return messages[i].Seq >= seq })
}

func row[K comparable, V any](m map[K]V, key K) (V, error) {
	v, ok := m[key]
	if !ok {
		return v, chat.ErrMissing
	}
	return v, nil
}
