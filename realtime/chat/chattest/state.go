package chattest

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/filter"
)

// state is everything a Store holds at one moment; it is a chat.Reader.
type state struct {
	users    map[string]chat.Account
	logs     map[int64]roomLog
	sent     map[string]map[string]chat.Sent // by user, then client id
	posted   map[reader]time.Time
	pointers map[reader]int64 // seqs
	entered  map[entry]bool
	levels   map[reader]chat.Level
	members  map[int64][]string
	mentions map[reader][]int64 // seqs
	moderation
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

// entry is a user in a space.
type entry struct {
	space chat.Space
	user  string
}

var _ chat.Reader = (*state)(nil)

func newState() *state {
	return &state{
		users:    make(map[string]chat.Account),
		logs:     make(map[int64]roomLog),
		sent:     make(map[string]map[string]chat.Sent),
		posted:   make(map[reader]time.Time),
		pointers: make(map[reader]int64),
		entered:  make(map[entry]bool),
		levels:   make(map[reader]chat.Level),
		members:  make(map[int64][]string),
		mentions: make(map[reader][]int64),

		moderation: newModeration(),
	}
}

// clone copies the maps. What they hold is shared, and copied by whoever changes it.
func (s *state) clone() *state {
	return &state{
		maps.Clone(s.users), maps.Clone(s.logs), maps.Clone(s.sent), maps.Clone(s.posted), maps.Clone(s.pointers), maps.Clone(s.entered),
		maps.Clone(s.levels), maps.Clone(s.members), maps.Clone(s.mentions), s.moderation.clone(),
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
		if standing := s.standing(room.ID, user); !room.Unlisted && (!room.Private || standing.Belongs) {
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
	account, err := row(s.users, id)
	return account.User, err
}

func (s *state) Users(ids []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User, len(ids))
	for _, id := range ids {
		if account, ok := s.users[id]; ok {
			users[id] = account.User
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
		for _, account := range s.users {
			if strings.EqualFold(account.Name, name) {
				users[name] = account.User
			}
		}
	}
	return users, nil
}

func (s *state) FindUsers(prefix string, limit int) ([]chat.User, error) {
	var users []chat.User
	for _, account := range s.users {
		if strings.HasPrefix(filter.Fold(account.Name), filter.Fold(prefix)) {
			users = append(users, account.User)
		}
	}
	slices.SortFunc(users, func(a, b chat.User) int { return cmp.Compare(filter.Fold(a.Name), filter.Fold(b.Name)) })
	return users[:min(len(users), limit)], nil
}

func (s *state) MembersOf(room int64) ([]string, error) { return slices.Clone(s.members[room]), nil }

func (s *state) Standing(room int64, user string) (chat.Standing, error) {
	return s.standing(room, user), nil
}

func (s *state) standing(room int64, user string) chat.Standing {
	at := reader{room, user}
	standing := chat.Standing{Level: s.levels[at], Belongs: slices.Contains(s.members[room], user)}
	standing.Held = len(s.waiting(room, user)) > 0
	in := s.logs[room].room
	standing.Entered = s.entered[entry{in.Space, user}]
	if standing.LastRead, standing.Pointer = s.pointers[at]; !standing.Pointer && (!standing.Entered || in.Unlisted) {
		standing.LastRead = in.Head
	}
	for _, m := range s.logs[room].messages {
		if m.Seq <= standing.LastRead || m.Deleted() {
			continue
		}
		if m.Author.ID != user && !s.isCardAbout(m, user) {
			tally(&standing.Unread.Messages, &standing.FirstUnread, m.Seq)
		}
		if slices.Contains(s.mentions[at], m.Seq) {
			tally(&standing.Unread.Mentions, &standing.FirstMention, m.Seq)
		}
	}
	return standing
}

// isCardAbout reports whether a message is the card of a report about the user.
func (s *state) isCardAbout(m chat.Message, user string) bool {
	return m.Kind == chat.KindReport && slices.ContainsFunc(s.reportsThat(func(r chat.Report) bool { return r.Message == m.Seq && r.Kind != chat.ReportHeld }),
		func(r chat.Report) bool { return r.Author.ID == user })
}

// tally counts a message, and notes the first.
func tally(n, first *int64, seq int64) {
	if *n == 0 {
		*first = seq
	}
	*n = min(*n+1, chat.MostUnread)
}

func (s *state) Pointers(room int64, users []string) (map[string]chat.Standing, error) {
	standings := make(map[string]chat.Standing)
	for _, user := range users {
		whole := s.standing(room, user)
		standings[user] = chat.Standing{
			LastRead: whole.LastRead, Pointer: whole.Pointer, Entered: whole.Entered,
			Unread: chat.Unread{Mentions: whole.Unread.Mentions},
		}
	}
	return standings, nil
}

func (s *state) Sent(user, clientID string) (chat.Sent, error) {
	return row(s.sent[user], clientID)
}

func (s *state) LastPost(room int64, user string) (time.Time, error) {
	return s.posted[reader{room, user}], nil
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
