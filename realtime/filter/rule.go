package filter

// Kind is what a rule looks at.
type Kind string

// The kinds of rule.
const (
	KindWords    Kind = "words"    // words and phrases of Words, whole; "*" at an end stands for anything
	KindPattern  Kind = "pattern"  // a regular expression (RE2)
	KindLinks    Kind = "links"    // links to the domains of Words and below them, or with Only to all others
	KindRepeats  Kind = "repeats"  // the same text of one author for the Most-th time within Seconds
	KindMentions Kind = "mentions" // more than Most mentions of one author within Seconds, in one message or several
)

// Action is what a rule does about a message that fits.
type Action string

// The actions, the mildest first. Of several rules that fit the strictest acts.
const (
	ActionFlag  Action = "flag"  // the message is posted, and stands in the queue too
	ActionHold  Action = "hold"  // it waits for a moderator
	ActionBlock Action = "block" // it is refused
)

// Rule is a rule of the filter. Moderators are exempt from all. Its JSON form is the wire's.
type Rule struct {
	ID      int64    `json:"id"` // 0 for a new one
	Name    string   `json:"name"`
	Kind    Kind     `json:"kind"`
	Action  Action   `json:"action"`
	Off     bool     `json:"off,omitempty"`
	Words   []string `json:"words,omitempty"`   // words: up to 500 of 100 characters; links: domains
	Only    bool     `json:"only,omitempty"`    // links: all but those of Words
	Pattern string   `json:"pattern,omitempty"` // pattern: 200 characters, and bounded in what it compiles to
	Most    int      `json:"most,omitempty"`    // repeats, mentions: 1 to 1,000
	Seconds int      `json:"seconds,omitempty"` // repeats, mentions: 1 to 86,400
}

// Match is what a rule finds in a text.
type Match struct {
	Rule  Rule   `json:"rule"`
	Found string `json:"found,omitempty"` // the part that fits; "" for a rule about habits
}
