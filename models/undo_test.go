package models

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"gorm.io/gorm"
)

func TestABadWriteFailsAlone(t *testing.T) {
	refused := errors.New("refused by the test")
	for name, bad := range map[string]func(*gorm.DB) error{
		"with an error": func(tx *gorm.DB) error { return errors.Join(rename("bad")(tx), refused) },
		"with a broken rule of the database": func(tx *gorm.DB) error {
			return errors.Join(rename("bad")(tx), tx.Exec("INSERT INTO chat_rooms (slug) VALUES ('lobby')").Error)
		},
		"without a change": func(*gorm.DB) error { return refused },
		"with a panic": func(tx *gorm.DB) error {
			_ = rename("bad")(tx)
			panic("at the test's wish")
		},
	} {
		t.Run(name, func(t *testing.T) {
			for at := range 3 {
				synctest.Test(t, func(t *testing.T) {
					db := openTest(t)
					defer func() { _ = db.Close() }()
					errs := together(t, db, slices.Insert([]func(*gorm.DB) error{rename("a"), rename("b")}, at, bad)...)
					for i, err := range errs {
						if (err != nil) != (i == at) {
							t.Errorf("errors are %v, want number %d only", errs, at)
						}
					}
					if topic := lobby(t, db).Topic; topic != "ab" {
						t.Errorf("with the bad write at %d the topic is %q, want what the good ones made it", at, topic)
					}
				})
			}
		})
	}
}

func TestABadWriteThatIsFirstFailsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openTest(t)
		defer func() { _ = db.Close() }()
		refused := errors.New("refused by the test")
		hold, first, second := make(chan struct{}), make(chan error, 1), make(chan error, 1)
		go func() {
			first <- db.change(t.Context(), func(tx *gorm.DB) error {
				<-hold
				return errors.Join(rename("bad")(tx), refused)
			})
		}()
		synctest.Wait()
		go func() { second <- db.change(t.Context(), rename("good")) }()
		synctest.Wait()
		close(hold)
		if err := <-first; !errors.Is(err, refused) {
			t.Errorf("the bad write's error is %v", err)
		}
		if err := <-second; err != nil {
			t.Errorf("the good write's error is %v", err)
		}
		if topic := lobby(t, db).Topic; topic != "good" {
			t.Errorf("the topic is %q, want what the good write made it", topic)
		}
	})
}

func TestATransactionThatEndsWithinAWriteIsLost(t *testing.T) {
	db := openTest(t)
	// As SQLite does by itself when a disk is full; the write overlooks the error.
	err := db.writer.do(t.Context(), func(c *conn) error { return c.exec("end", "ROLLBACK") }, func() { t.Error("it was announced") })
	if err == nil {
		t.Error("it went well")
	}
	if err := db.change(t.Context(), rename("next")); err != nil {
		t.Error(err)
	}
	if topic := lobby(t, db).Topic; topic != "next" {
		t.Errorf("the topic is %q", topic)
	}
}
