package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// records parses a log of JSON; a line that is something else fails the test.
func records(t *testing.T, log string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(log) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Errorf("%q is not JSON", line)
			continue
		}
		all = append(all, record)
	}
	return all
}

// record returns the only record with a message.
func record(t *testing.T, log, message string) map[string]any {
	t.Helper()
	var found []map[string]any
	for _, r := range records(t, log) {
		if r["msg"] == message {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d records %q in\n%s", len(found), message, log)
	}
	return found[0]
}

func TestStartIsLoggedWithTheSettingsThatMatter(t *testing.T) {
	s := start(t, newDB(t), "--log-format=json", "--registration=invite", "--trusted-proxy=10.2.0.0/16", "--url=https://talk.example.net",
		"--search-burst=7", "--ping-timeout=20000ms")
	s.stop()
	s.wait(t)
	started := record(t, s.stderr.String(), "started")
	for name, want := range map[string]any{
		"db": s.db, "registration": "invite", "trusted_proxies": "10.2.0.0/16", "url": "https://talk.example.net", "search_burst": 7.0,
	} {
		if started[name] != want {
			t.Errorf("%s is %v, want %v", name, started[name], want)
		}
	}
	for _, standard := range []string{"ping_timeout", "send_burst", "event_rate", "read_timeout"} {
		if value, logged := started[standard]; logged {
			t.Errorf("the default of %s is logged: %v", standard, value)
		}
	}
	if version, _ := started["version"].(string); version == "" {
		t.Error("the version is not logged")
	}
	if record(t, s.stderr.String(), "stopping")["why"] != "asked to" {
		t.Error("it is not logged why the server stops")
	}
	if record(t, s.stderr.String(), "stopped")["took"] == nil {
		t.Error("it is not logged how long the stop took")
	}
}

func TestErrorsAtExitAreJSONIfTheLogIs(t *testing.T) {
	s := start(t, newDB(t))
	taken := strings.TrimPrefix(s.url, "http://")
	for name, args := range map[string][]string{
		"port in use":   {"serve", "--log-format=json", "--db=" + newDB(t), "--addr=" + taken},
		"database used": {"serve", "--log-format", "json", "--db=" + s.db},
		"wrong flag":    {"serve", "--log-format=json", "--no-such-flag"},
		"wrong command": {"--log-format=json", "user", "role", "nobody", "owner", "--db=" + newDB(t)},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr := command(t, "", args...)
			if failed := record(t, stderr, "roomline failed"); status == 0 || failed["error"] == "" || failed["level"] != "ERROR" {
				t.Errorf("exit status %d: %s", status, stderr)
			}
		})
	}
}
