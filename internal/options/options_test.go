package options

import (
	"math"
	"strings"
	"testing"
	"time"
)

type inner struct {
	Rate float64
	Most int64
}

type sample struct {
	Count  int
	Wait   time.Duration
	Inner  inner
	Name   string
	Key    uint32
	At     time.Time
	hidden int
}

func TestZeroIsTheDefaultAndNegativeIsNone(t *testing.T) {
	defaults := sample{Count: 5, Wait: time.Second, Inner: inner{2, 7}, Name: "default", Key: 9, hidden: 3}
	got, err := Resolve("sample", sample{Count: 1, Wait: -1, Inner: inner{Rate: -0.5}, hidden: 4}, defaults)
	want := sample{Count: 1, Inner: inner{Most: 7}, hidden: 4}
	if err != nil || got != want {
		t.Errorf("resolved %+v, %v, want %+v", got, err, want)
	}
}

func TestResolvedOptionsSurviveBeingHandedOn(t *testing.T) {
	defaults := sample{Count: 5, Wait: time.Second, Inner: inner{2, 7}}
	for _, given := range []sample{{}, {Count: -1, Wait: -1, Inner: inner{-1, -1}}, {Count: 3, Inner: inner{Rate: -1}}} {
		once, err := Resolve("sample", given, defaults)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := Resolve("sample", Explicit(once), sample{Count: 99, Wait: 99, Inner: inner{99, 99}}); err != nil || twice != once {
			t.Errorf("handed on, %+v is %+v (%v)", once, twice, err)
		}
	}
}

func TestNumberThatIsNotFiniteIsNamed(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err := Resolve("Limits", sample{Inner: inner{Rate: bad}}, sample{})
		if err == nil || !strings.Contains(err.Error(), "Limits.Inner.Rate") {
			t.Errorf("%v is %v", bad, err)
		}
	}
}
