package transport

import (
	"math"
	"reflect"
	"testing"

	"roomline/realtime/engineio"
)

func TestZeroIsTheDefaultAndNegativeIsNone(t *testing.T) {
	engine := engineio.NewServer(engineio.Config{}, &ear{})
	t.Cleanup(func() { _ = engine.Close(t.Context()) })
	for name, n := range map[string]int64{"zero": 0, "negative": -1, "positive": 9} {
		var given Config
		v := reflect.ValueOf(&given).Elem()
		set := func(v reflect.Value, n int64) {
			switch {
			case v.CanInt():
				v.SetInt(n)
			case v.CanFloat():
				v.SetFloat(float64(n))
			}
		}
		for i := range v.NumField() {
			set(v.Field(i), n)
		}
		got, defaults := reflect.ValueOf(New(given, engine).cfg), reflect.ValueOf(DefaultConfig())
		for i := range got.NumField() {
			if !got.Field(i).CanInt() && !got.Field(i).CanFloat() {
				continue
			}
			want := reflect.New(got.Field(i).Type()).Elem()
			switch name {
			case "zero":
				want = defaults.Field(i)
			case "positive":
				set(want, n)
			}
			if !got.Field(i).Equal(want) {
				t.Errorf("%s: %s is %v, want %v", name, v.Type().Field(i).Name, got.Field(i), want)
			}
		}
	}
}

func TestInvalidNumbersAreNamed(t *testing.T) {
	defer func() {
		if err, _ := recover().(error); err == nil || err.Error() != "transport: Config.HandshakeRate must be a finite number, not NaN" {
			t.Errorf("New panics with %v", err)
		}
	}()
	New(Config{HandshakeRate: math.NaN()}, nil)
}
