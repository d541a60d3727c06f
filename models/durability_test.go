package models

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// burstPath is the variable that makes the test binary a process which writes to that
// database, says what is acknowledged, and has to be killed.
const burstPath = "ROOMLINE_TEST_BURST"

// burstAcks is how many acknowledgements are heard before the kill.
const burstAcks = 400

func burst(path string) int {
	ctx := context.Background()
	db, err := Open(ctx, Config{Path: path, Exclusive: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	room := chat.Room{ID: 1, Slug: "lobby"}
	prefix := rand.Text() // ids of this process alone
	var out sync.Mutex
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			for i := 0; ; i++ {
				var m chat.Message
				err := db.Store().Write(ctx, func(w chat.Writer) (err error) {
					m, err = post(w, room, fmt.Sprint(n), fmt.Sprintf("%s-%d-%d", prefix, n, i))
					return err
				}, nil)
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				out.Lock()
				fmt.Println(m.Seq, m.ID, "stored")
				out.Unlock()
			}
		})
	}
	wg.Wait()
	return 1
}

func TestWhatWasAcknowledgedSurvivesKill9(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	acked := map[string]int64{} // seq by client id
	for range 3 {
		before := len(acked)
		killBurst(t, path, acked)
		if len(acked) < before+burstAcks {
			t.Fatalf("the burst ended after %d acknowledgements", len(acked)-before)
		}
		db, err := Open(t.Context(), Config{Path: path, Exclusive: true})
		if err != nil {
			t.Fatalf("open after the kill: %v", err)
		}
		checkBurst(t, db, acked)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killBurst runs a burst, kills it amid its writes, and adds what it acknowledged.
func killBurst(t *testing.T, path string, acked map[string]int64) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), burstPath+"="+path)
	var complaints strings.Builder
	child.Stderr = &complaints
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 1; lines.Scan(); n++ {
		var seq int64
		var id string
		if _, err := fmt.Sscanf(lines.Text(), "%d %s stored", &seq, &id); err != nil {
			break // cut short by the kill: no acknowledgement
		}
		acked[id] = seq
		if n == burstAcks {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // killed: an error in any case
	if complaints.Len() > 0 {
		t.Fatalf("the burst failed: %s", complaints.String())
	}
}

func checkBurst(t *testing.T, db *DB, acked map[string]int64) {
	t.Helper()
	var rows []struct {
		ClientID string
		Seq      int64
	}
	err := db.view(t.Context(), func(tx *gorm.DB) error {
		return tx.Raw("SELECT client_id, seq FROM chat_messages").Scan(&rows).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]int64{}
	for _, row := range rows {
		if _, twice := stored[row.ClientID]; twice {
			t.Errorf("%s is stored twice", row.ClientID)
		}
		stored[row.ClientID] = row.Seq
	}
	for id, seq := range acked {
		if stored[id] != seq {
			t.Errorf("%s was acknowledged as %d and is stored as %d", id, seq, stored[id])
		}
	}
	if room := lobby(t, db); room.Head != int64(len(rows)) || room.Posts != int64(len(rows)) {
		t.Errorf("%d messages are stored, the room is %+v", len(rows), room)
	}
	t.Logf("%d acknowledged, %d stored", len(acked), len(stored))
}
