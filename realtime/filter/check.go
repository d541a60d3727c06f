package filter

import (
	"strings"
	"unicode/utf8"
)

// The bounds of rules.
const (
	maxRules   = 100     // those that are off included
	maxWords   = 500     // of a rule, or domains
	maxWord    = 100     // characters
	maxLetters = 100_000 // characters of all words and domains of the rules that are not off
	maxMost    = 1000
	maxSeconds = 86_400
)

// Check returns a rule as it is to be stored: words and domains as they are compared, each once, and nothing that
// its kind has no use for. A refusal is an *Error. The name is not looked at.
func Check(r Rule) (Rule, error) {
	clean := Rule{ID: r.ID, Name: r.Name, Kind: r.Kind, Action: r.Action, Off: r.Off}
	var err error
	if r.Action.strictness() == 0 {
		return clean, wrong("action", "Choose what the rule does: block, hold or flag.")
	}
	switch r.Kind {
	case KindWords:
		if clean.Words, err = cleanAll(r.Words, cleanWord); err == nil && len(clean.Words) == 0 {
			err = wrong("words", "Write one word at least.")
		}
	case KindLinks:
		clean.Only = r.Only
		if clean.Words, err = cleanAll(r.Words, cleanDomain); err == nil && len(clean.Words) == 0 && !r.Only {
			err = wrong("words", "Write one domain at least.")
		}
	case KindPattern:
		if !utf8.ValidString(r.Pattern) {
			return clean, wrong("pattern", "The pattern is not valid UTF-8.")
		}
		clean.Pattern = Clean(r.Pattern)
		err = checkPattern(clean.Pattern)
	case KindRepeats, KindMentions:
		clean.Most, clean.Seconds = r.Most, r.Seconds
		err = checkHabit(r)
	default:
		err = wrong("kind", "Choose what the rule looks at: words, a pattern, links, repeats or mentions.")
	}
	return clean, err
}

func checkPattern(text string) error {
	switch {
	case text == "":
		return wrong("pattern", "Write a pattern.")
	case utf8.RuneCountInString(text) > maxPattern:
		return wrong("pattern", "The pattern is too long: at most %d characters.", maxPattern)
	}
	_, _, err := compilePattern(text)
	return err
}

func checkHabit(r Rule) error {
	switch {
	case r.Most < 1 || r.Most > maxMost:
		return wrong("most", "The number is from 1 to %d.", maxMost)
	case r.Seconds < 1 || r.Seconds > maxSeconds:
		return wrong("seconds", "The time is from 1 to %d seconds: a day.", maxSeconds)
	}
	return nil
}

// cleanAll cleans words or domains, and returns each once; clean returns "" for what is blank.
func cleanAll(typed []string, clean func(string) (string, error)) ([]string, error) {
	var words []string
	seen := make(map[string]bool)
	for _, text := range typed {
		if !utf8.ValidString(text) {
			return nil, wrong("words", "One of the words is not valid UTF-8.")
		}
		word, err := clean(Clean(text))
		if err != nil {
			return nil, err
		}
		if word != "" && !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	if len(words) > maxWords {
		return nil, wrong("words", "These are too many: at most %d in one rule.", maxWords)
	}
	return words, nil
}

func cleanWord(typed string) (string, error) {
	word, front, back := cutWord(typed)
	switch {
	case word == "" && front:
		return "", wrong("words", "A * stands for the rest of a word: write the beginning or the end, too.")
	case word == "":
		return "", nil
	case utf8.RuneCountInString(word) > maxWord:
		return "", wrong("words", "%s is too long: at most %d characters.", clip(word), maxWord)
	}
	if front {
		word = "*" + word
	}
	if back {
		word += "*"
	}
	return word, nil
}

// cleanDomain takes the host out of an address, and of that what is below "www." or "*.".
func cleanDomain(typed string) (string, error) {
	domain := strings.TrimSpace(withoutInvisible(typed))
	if domain == "" {
		return "", nil
	}
	if _, after, ok := strings.Cut(domain, "//"); ok {
		domain = after
	}
	if end := strings.IndexAny(domain, `/?#\`); end >= 0 {
		domain = domain[:end]
	}
	domain = domain[strings.LastIndex(domain, "@")+1:]
	if before, port, ok := strings.Cut(domain, ":"); ok && !strings.ContainsFunc(port, func(r rune) bool { return r < '0' || r > '9' }) {
		domain = before
	}
	domain = foldHost(strings.TrimPrefix(strings.TrimSpace(domain), "*."))
	if after, ok := strings.CutPrefix(domain, "www."); ok && strings.Contains(after, ".") {
		domain = after
	}
	if domain == "" || len(domain) > maxHost || strings.Contains(domain, "..") || strings.ContainsFunc(domain, isOutsideHost) {
		return "", noDomain(typed)
	}
	return domain, nil
}

func isOutsideHost(r rune) bool { return !isWord(r) && r != '-' && r != '_' && r != '.' }

func noDomain(typed string) *Error {
	return wrong("words", "%s is no domain: write it as in example.org.", clip(strings.TrimSpace(typed)))
}
