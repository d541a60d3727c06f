package chat

import "time"

// Limits are the bounds of the domain. A 0 is the default, a negative number means none (for sends and searches: in
// either of the two). DefaultLimits has the published ones.
type Limits struct {
	TextLength  int           // characters (not bytes) of a message
	ReplayCap   int           // changes replayed by one join; more is a reset
	PageSize    int           // messages of a page when the caller names no number
	MaxPageSize int           // messages of a page at most
	SendBurst   int           // messages a user may send at once; as many edits and deletions
	SendRate    float64       // messages per second and user after the burst
	SearchBurst int           // searches a user may begin at once
	SearchRate  float64       // searches per second and user after the burst
	TypingEvery time.Duration // one typing notice per user, room and this long
	EditWindow  time.Duration // how long an author may edit
	ReportBurst int           // messages a user may report at once
	ReportRate  float64       // reports per second and user after the burst

	FloodRefusals int           // a member refused so often within a minute for sending too fast is muted
	FloodMute     time.Duration // for this long
	FloodGrace    time.Duration // after the first refusal, in which none counts
}

// DefaultLimits returns the published defaults.
func DefaultLimits() Limits {
	return Limits{
		TextLength:  4000,
		ReplayCap:   500,
		PageSize:    50,
		MaxPageSize: 100,
		SendBurst:   5,
		SendRate:    1,
		SearchBurst: 20,
		SearchRate:  2,
		TypingEvery: 3 * time.Second,
		EditWindow:  15 * time.Minute,
		ReportBurst: 5,
		ReportRate:  0.1,

		FloodRefusals: 20,
		FloodMute:     10 * time.Minute,
		FloodGrace:    10 * time.Second,
	}
}
