package chattest

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"roomline/realtime/chat"
)

// anyChanges edits and deletes messages in no order, and asks for the changes from
// everywhere.
func anyChanges(f *fixture) {
	const steps = 60
	random := rand.New(rand.NewPCG(1, 2))
	var all []chat.Message
	for range steps {
		switch at := random.IntN(2*len(all) + 1); {
		case at >= len(all):
			all = append(all, f.post(f.lobby, f.ada))
		case random.IntN(3) == 0:
			all[at] = f.remove(all[at])
		default:
			all[at] = f.edit(all[at])
		}
	}
	slices.SortFunc(all, func(a, b chat.Message) int { return cmp.Compare(a.Rev, b.Rev) })
	f.read(func(r chat.Reader) error {
		for rev := range int64(steps + 2) {
			want := all[countTo(all, rev):]
			for _, limit := range []int{1, 2, 3, 7, steps} {
				got, err := r.Changes(f.lobby.ID, rev, limit)
				if err != nil {
					return err
				}
				f.same("changes", got, want[:min(limit, len(want))])
			}
		}
		return nil
	})
}

// countTo returns how many of the messages have no rev above rev.
func countTo(messages []chat.Message, rev int64) int {
	n, _ := slices.BinarySearchFunc(messages, rev+1, func(m chat.Message, rev int64) int { return cmp.Compare(m.Rev, rev) })
	return n
}
