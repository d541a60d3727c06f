package models

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestPlacesAreKnownPerAccountAndTheLatestAreKept(t *testing.T) {
	db, now := openClocked(t)
	ada, err := db.CreateUser(t.Context(), "ada", "a long password")
	if err != nil {
		t.Fatal(err)
	}
	for i := range mostPlaces + 5 {
		*now = now.Add(time.Second)
		if _, _, err := db.StartSession(t.Context(), ada.ID, Meta{Places: []string{fmt.Sprintf("address %03d", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	known := func(name string, places ...string) []string {
		got, err := db.KnownPlaces(t.Context(), name, places...)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := known("ADA", "address 054", "device x"); !slices.Equal(got, []string{"address 054"}) {
		t.Errorf("ada is known at %q", got)
	}
	if got := known("nobody", "address 054"); len(got) != 0 {
		t.Errorf("nobody is known at %q", got)
	}
	if got := known("ada", "address 000", "address 001"); len(got) > 0 {
		t.Errorf("ada is still known at %q", got)
	}
}
