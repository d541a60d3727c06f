package realtime

import (
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestPresenceIsWhoHasASocketInTheRoomByName(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	p := newPresence(nil, time.Hour)
	defer p.close()
	type place struct {
		slug string
		m    *member
	}
	var members []*member
	for i := range 400 {
		id := strconv.Itoa(i % 250) // some have two sockets
		members = append(members, &member{id: id, user: chat.User{ID: id, Name: strconv.Itoa(i % 250 / 2)}})
	}
	in := make(map[place]bool)
	names := make(map[string]map[string]chat.User) // as last seen, by room and id
	for range 2000 {
		m, slug := members[random.IntN(len(members))], []string{"lobby", "tea"}[random.IntN(2)]
		switch random.IntN(8) {
		case 0:
			p.leaveAll(m)
			delete(in, place{"lobby", m})
			delete(in, place{"tea", m})
		case 1, 2:
			p.leave(slug, m)
			delete(in, place{slug, m})
		case 3:
			m.setProfile(chat.User{ID: m.id, Name: strconv.Itoa(random.IntN(100))})
		default:
			if names[slug] == nil {
				names[slug] = make(map[string]chat.User)
			}
			in[place{slug, m}], names[slug][m.id] = true, m.user
			requirePeople(t, p.join(slug, m), func() (want []chat.User) {
				seen := make(map[string]bool)
				for at := range in {
					if at.slug == slug && !seen[at.m.id] {
						seen[at.m.id] = true
						want = append(want, names[slug][at.m.id])
					}
				}
				return want
			}())
		}
	}
}

func requirePeople(t *testing.T, got online, want []chat.User) {
	t.Helper()
	slices.SortFunc(want, func(x, y chat.User) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	var users []chat.User
	if err := json.Unmarshal(got.users, &users); err != nil {
		t.Fatal(err)
	}
	if got.count != len(want) || !slices.Equal(users, want[:min(len(want), presenceFirst)]) {
		t.Fatalf("%d are online, %v; want %d, %v", got.count, users, len(want), want)
	}
}

func TestWhoComesBackWithinASecondWasNeverGone(t *testing.T) {
	p := newPresence(nil, time.Hour)
	defer p.close()
	ada, ben := &member{id: "1", user: chat.User{ID: "1"}}, &member{id: "2", user: chat.User{ID: "2"}}
	p.join("lobby", ada)
	if event, changed := p.collectLocked("lobby"); !changed || event.Count != 1 || len(event.Joined) != 1 {
		t.Errorf("got %+v, %v", event, changed)
	}
	p.leaveAll(ada)
	p.join("lobby", ada)
	p.join("lobby", ben)
	p.leave("lobby", ben)
	if event, changed := p.collectLocked("lobby"); changed {
		t.Errorf("got %+v", event)
	}
	p.leaveAll(ada)
	if event, changed := p.collectLocked("lobby"); !changed || len(event.Left) != 1 || len(p.rooms) != 0 {
		t.Errorf("got %+v, %v", event, changed)
	}
}
