package models

import (
	"path/filepath"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// A session that is unused for the given time: 0 in Config is the default, a negative number is no limit.
func TestNegativeSessionTimesAreNoLimit(t *testing.T) {
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		idle, life time.Duration
		unused     time.Duration
		ended      bool
	}{
		"no idle limit, within the life":   {idle: -1, unused: 29 * day},
		"no idle limit, beyond the life":   {idle: -1, unused: 31 * day, ended: true},
		"no life limit, within idle":       {life: -time.Hour, unused: 6 * day},
		"no life limit, beyond idle":       {life: -time.Hour, unused: 8 * day, ended: true},
		"no limit at all":                  {idle: -time.Second, life: -1, unused: 100 * 365 * day},
		"the default with an explicit one": {life: 2 * day, unused: 3 * day, ended: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{}
			c.now.Store(1_700_000_000)
			db := openAt(t, Config{Path: filepath.Join(t.TempDir(), "roomline.db"), Now: c.Now, SessionIdle: tt.idle, SessionLife: tt.life})
			ada := addUser(t, db, "ada", chat.RoleOwner)
			token, s := start(t, db, ada)
			c.advance(tt.unused)
			sessions, err := db.Sessions(t.Context(), ada.ID)
			if err != nil || (len(sessions) == 0) != tt.ended {
				t.Errorf("listed %+v, %v", sessions, err)
			}
			if purged, err := db.PurgeSessions(t.Context()); err != nil || (purged == 1) != tt.ended {
				t.Errorf("purged %d, %v", purged, err)
			}
			if tt.ended {
				wantNoSession(t, db, token)
				return
			}
			if found, _, err := db.FindSession(t.Context(), token); err != nil || found.ID != s.ID {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}
