package realtime_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
)

// inForce returns the limits of a chat that is made with given ones.
func inForce(t *testing.T, given *realtime.Limits) (realtime.Limits, error) {
	t.Helper()
	live, err := realtime.New(realtime.Options{Store: chattest.NewStore(), Identify: anonymous, Limits: given})
	if err != nil {
		return realtime.Limits{}, err
	}
	t.Cleanup(func() { _ = live.Close(t.Context()) })
	return live.Limits(), nil
}

// numbers returns the fields of limits, and of those of the chat in them.
func numbers(limits *realtime.Limits) map[string]reflect.Value {
	fields := make(map[string]reflect.Value)
	for _, of := range []any{limits, &limits.Chat} {
		v := reflect.ValueOf(of).Elem()
		for i := range v.NumField() {
			if v.Field(i).Kind() != reflect.Struct {
				fields[v.Type().String()+"."+v.Type().Field(i).Name] = v.Field(i)
			}
		}
	}
	return fields
}

func TestLimitThatIsSetLeavesAllOthersAtTheirDefaults(t *testing.T) {
	for name := range numbers(&realtime.Limits{}) {
		for _, value := range []int64{7, -7} {
			var given realtime.Limits
			want := realtime.DefaultLimits()
			one, other := numbers(&given)[name], numbers(&want)[name]
			if one.CanInt() {
				one.SetInt(value)
				other.SetInt(max(value, 0))
			} else {
				one.SetFloat(float64(value))
				other.SetFloat(max(float64(value), 0))
			}
			if got, err := inForce(t, &given); err != nil || got != want {
				t.Errorf("with %s of %d the limits are %+v (%v)", name, value, got, err)
			}
		}
	}
}

func TestNoLimitsAreTheDefaults(t *testing.T) {
	for _, given := range []*realtime.Limits{nil, {}, {Chat: chat.Limits{SendBurst: 5}, PingInterval: 25 * time.Second}} {
		if got, err := inForce(t, given); err != nil || got != realtime.DefaultLimits() {
			t.Errorf("the limits are %+v (%v)", got, err)
		}
	}
}

func TestLimitThatIsNoNumberIsRefusedByName(t *testing.T) {
	for want, given := range map[string]realtime.Limits{
		"Limits.EventRate":     {EventRate: math.NaN()},
		"Limits.Chat.SendRate": {Chat: chat.Limits{SendRate: math.Inf(1)}},
	} {
		if _, err := inForce(t, &given); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New returns %v, want an error of %s", err, want)
		}
	}
}
