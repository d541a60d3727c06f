package handlers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// deviceCookie names the browser to the accounts that have signed in with it. It outlives sessions.
const deviceCookie = "roomline_device"

// deviceLife is how long a browser keeps deviceCookie: as long as browsers allow.
const deviceLife = 400 * 24 * time.Hour

// origin is where a request comes from, for the budgets of guesses.
type origin struct {
	address string // addressKey of its address
	device  string // of its cookie, "" for none
}

func originOf(c *fiber.Ctx) origin {
	o := origin{address: addressKey(c.IP())}
	if token := cookie(c, deviceCookie); token != "" {
		o.device = devicePlace(token)
	}
	return o
}

func addressPlace(address string) string { return "address " + address }

func devicePlace(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "device " + hex.EncodeToString(sum[:])
}

// budget is what a guess of a password draws on.
type budget struct {
	key     string // of Site.names
	device  bool   // a browser that the account has signed in with: no other person's failures count
	address string // of Site.addresses
}

// budgetOf returns the budget of guesses for a name from where the request comes from. A device or an address that the
// account has signed in from has its own, so that guesses from elsewhere never delay the account's owner there.
func (s *Site) budgetOf(c *fiber.Ctx, name string) (budget, error) {
	from, key := originOf(c), nameKey(name)
	known, err := s.accounts.db.KnownPlaces(c.UserContext(), name, from.device, addressPlace(from.address))
	if err != nil {
		return budget{}, fmt.Errorf("look up where the account signs in: %w", err)
	}
	b := budget{key: "name " + key, address: from.address}
	switch {
	case from.device != "" && slices.Contains(known, from.device):
		b.key, b.device = from.device+" "+key, true
	case slices.Contains(known, addressPlace(from.address)):
		b.key = addressPlace(from.address) + " " + key
	}
	return b, nil
}

// begin takes a guess from the budget, or returns how long to wait for one.
func (s *Site) begin(b budget) *chat.Error {
	if !b.device {
		if wait := s.addresses.begin(b.address); wait > 0 {
			return tooMany("Too many attempts from your address.", wait)
		}
	}
	if wait := s.names.begin(b.key); wait > 0 {
		return tooMany("Too many attempts with this name.", wait)
	}
	return nil
}

// succeed takes back the guess that begin took, as it was right.
func (s *Site) succeed(b budget) {
	if !b.device {
		s.addresses.succeed(b.address, false) // or an account of one's own would buy endless guesses
	}
	s.names.succeed(b.key, true)
}

// device returns the value of deviceCookie for a browser in which an account signs in: a new one, unless the account
// has signed in with the one that the browser sent. A value that somebody else may know is never adopted.
func (s *Site) device(c *fiber.Ctx, name string) (string, error) {
	token := cookie(c, deviceCookie)
	if token == "" {
		return rand.Text(), nil
	}
	known, err := s.accounts.db.KnownPlaces(c.UserContext(), name, devicePlace(token))
	if err != nil {
		return "", fmt.Errorf("look up the device: %w", err)
	}
	if len(known) == 0 {
		token = rand.Text()
	}
	return token, nil
}
