package models

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The bounds of a password in characters, and the most bytes these can take.
const (
	minPassword      = 8
	maxPassword      = 128
	maxPasswordBytes = maxPassword * utf8.UTFMax
)

// The cost of a hash, and its sizes in bytes.
const (
	argonMemory  = 19456 // KiB
	argonTime    = 2
	argonThreads = 1
	saltSize     = 16
	keySize      = 32
)

// commonPasswords is a list of passwords that everybody tries first, one a line, in lower case.
//
//go:embed common_passwords.txt
var commonPasswords string

// tooLong reports whether a password cannot be anybody's; it is not hashed then.
func tooLong(password string) bool {
	return len(password) > maxPasswordBytes || utf8.RuneCountInString(password) > maxPassword
}

// checkNewPassword returns a *chat.Error (invalid) for a password that cannot be had.
func checkNewPassword(n name, password string) error {
	switch length := utf8.RuneCountInString(password); {
	case tooLong(password):
		return refuseField("password", "A password has at most %d characters.", maxPassword)
	case !utf8.ValidString(password):
		return refuseField("password", "That password is not readable text.")
	case length < minPassword:
		return refuseField("password", "A password has at least %d characters.", minPassword)
	case fold(password) == n.key, isCommon(password):
		return refuseField("password", "That password is among the first that others would try. Choose another.")
	}
	return nil
}

// isCommon reports whether a password is on the list or one character over and over.
func isCommon(password string) bool {
	first, _ := utf8.DecodeRuneInString(password)
	if strings.Trim(password, string(first)) == "" {
		return true
	}
	lower := strings.ToLower(password)
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSpace(line) == lower {
			return true
		}
	}
	return false
}

// hashPassword returns the PHC string of a password with a fresh salt. It waits for its
// turn, or for the end of ctx: as many passwords are hashed at once as there are cores.
func (db *DB) hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	hash := phc{memory: db.cfg.PasswordMemory, time: argonTime, threads: argonThreads, salt: salt, key: make([]byte, keySize)}
	var err error
	if hash.key, err = db.argon(ctx, password, hash); err != nil {
		return "", err
	}
	return hash.String(), nil
}

// verifyPassword reports whether a password is that of the PHC string.
func (db *DB) verifyPassword(ctx context.Context, hash, password string) (bool, error) {
	want, err := parsePHC(hash)
	if err != nil {
		return false, fmt.Errorf("read a password hash: %w", err)
	}
	key, err := db.argon(ctx, password, want)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, want.key) == 1, nil
}

// nobodysHash is a hash of today's cost that no password has.
func (db *DB) nobodysHash() string {
	return phc{memory: db.cfg.PasswordMemory, time: argonTime, threads: argonThreads, salt: make([]byte, saltSize), key: make([]byte, keySize)}.String()
}

func (db *DB) argon(ctx context.Context, password string, p phc) ([]byte, error) {
	select {
	case db.hashing <- struct{}{}:
		defer func() { <-db.hashing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// Keyboards differ in how they compose a letter; the person means the same.
	text := norm.NFC.String(password)
	return argon2.IDKey([]byte(text), p.salt, p.time, p.memory, p.threads, uint32(len(p.key))), nil
}

// phc is a hash as the Password Hashing Competition's string format has it.
type phc struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

// String returns the stored form.
func (p phc) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.memory, p.time, p.threads, enc.EncodeToString(p.salt), enc.EncodeToString(p.key))
}

func parsePHC(text string) (phc, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errors.New("not an argon2id string")
	}
	var p phc
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return phc{}, fmt.Errorf("parameters: %w", err)
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return phc{}, fmt.Errorf("salt: %w", err)
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return phc{}, fmt.Errorf("key: %w", err)
	}
	if p.memory == 0 || p.time == 0 || p.threads == 0 || len(p.salt) < 8 || len(p.key) < 16 {
		return phc{}, errors.New("parameters out of bounds")
	}
	return p, nil
}
