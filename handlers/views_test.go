package handlers

import "testing"

func TestInitialsAreOneOrTwoCapitals(t *testing.T) {
	for name, want := range map[string]string{"": "", "ann": "A", "ann lee": "AL", "ann van lee": "AL", "élan": "É", "ßa": "SS"} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAnIDKeepsItsHue(t *testing.T) {
	for id, want := range map[string]int{"": 5, "1": 4, "2": 5, "somebody": 1} {
		if got := hue(id); got != want {
			t.Errorf("hue(%q) = %d, want %d", id, got, want)
		}
	}
}

func TestADeviceIsKnownByItsUserAgent(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                           "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0":        "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1":        "Safari on iPhone",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":            "Safari on macOS",
		"Go-http-client/1.1": "A Go program",
		"curl/8.0":           "Curl",
		"":                   "Unknown device",
	} {
		if got := device(agent); got != want {
			t.Errorf("device(%q) = %q, want %q", agent, got, want)
		}
	}
}

func TestOnlyPathsOfThisSiteAreFollowedAfterSigningIn(t *testing.T) {
	for path, want := range map[string]string{
		"/rooms/lobby":         "/rooms/lobby",
		"/rooms/lobby?a=b":     "/rooms/lobby?a=b",
		"":                     "/",
		"//evil.example":       "/",
		"/\\evil.example":      "/",
		"/a\\b":                "/",
		"/\t/evil.example":     "/",
		"/\r\nSet-Cookie: a":   "/",
		"https://evil.example": "/",
		"javascript:alert(1)":  "/",
		"rooms/lobby":          "/",
	} {
		if got := localPath(path); got != want {
			t.Errorf("localPath(%q) = %q, want %q", path, got, want)
		}
	}
}
