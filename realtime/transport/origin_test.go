package transport

import (
	"strings"
	"testing"
)

func TestOriginsAllow(t *testing.T) {
	o, err := ParseOrigins([]string{
		"https://chat.example.org", "http://localhost:8100", "capacitor://localhost", "ionic://localhost", "app://.", "file://",
		"https://*.example.net", "wss://socket.example.com", "https://Bücher.example", "tauri://localhost", "http://[2001:db8::1]:8080",
		"https://*.intra.example:8443", "chrome-extension://abcdefghijklmnop",
	})
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]bool{
		"https://chat.example.org":             true,
		"HTTPS://CHAT.example.org":             true,
		"https://chat.example.org:443":         true,
		"wss://chat.example.org":               true,
		"wss://chat.example.org:443":           true,
		"ws://localhost:8100":                  true,
		"http://localhost:8100":                true,
		"capacitor://localhost":                true,
		"ionic://localhost":                    true,
		"app://.":                              true,
		"file://":                              true,
		"tauri://localhost":                    true,
		"https://a.example.net":                true,
		"https://a.b.example.net":              true,
		"https://socket.example.com":           true,
		"https://xn--bcher-kva.example":        true,
		"http://[2001:db8::1]:8080":            true,
		"https://x.intra.example:8443":         true,
		"chrome-extension://abcdefghijklmnop":  true,
		"null":                                 false,
		"":                                     false,
		"http://chat.example.org":              false,
		"ws://chat.example.org":                false,
		"https://chat.example.org:8443":        false,
		"https://chat.example.org.evil.com":    false,
		"https://chat.example.org/":            false,
		"https://evil.com/chat.example.org":    false,
		"https://chat.example.org@evil.com":    false,
		"https://example.net":                  false,
		"https://evilexample.net":              false,
		"https://.example.net":                 false,
		"http://a.example.net":                 false,
		"https://a.example.net.evil.com":       false,
		"https://a.example.net:8443":           false,
		"https://x.intra.example":              false,
		"capacitor://evil":                     false,
		"http://localhost":                     false,
		"chrome-extension://otherextension":    false,
		"https://*.example.net":                false,
		"https://a.example.net\\.evil.com":     false,
		"https://evil.com?.example.net":        false,
		"https://chat.example.org https://b.c": false,
	} {
		if got := o.Allows(origin); got != want {
			t.Errorf("Allows(%q) = %v, want %v", origin, got, want)
		}
	}
}

func TestNullOriginIsAllowedOnlyWhenListed(t *testing.T) {
	o, err := ParseOrigins([]string{"null"})
	if err != nil || !o.Allows("null") || o.Allows("https://example.org") {
		t.Errorf("%v; null %v", err, o.Allows("null"))
	}
}

func TestParseOriginsNamesWhatIsWrong(t *testing.T) {
	for _, entry := range []string{
		"", "*", "chat.example.org", "https://", "https://chat.example.org/", "https://chat.example.org/chat", "https://user@example.org",
		"https://*", "https://*.", "https://a.*.example.org", "https://a*.example.org", "https://example.org:0", "https://example.org:70000",
		"https://example.org:port", "https://example.org:", "://example.org", "ht tp://example.org", "https://exa mple.org",
		"https://*.192.0.2.1", "https://example.org?a", "https://example.org#a", "file://:80",
	} {
		if _, err := ParseOrigins([]string{"https://fine.example.org", entry}); err == nil {
			t.Errorf("ParseOrigins accepts %q", entry)
		} else if !strings.Contains(err.Error(), `"`+entry+`"`) {
			t.Errorf("the error for %q does not name it: %v", entry, err)
		}
	}
}
