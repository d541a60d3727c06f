package engineio

import (
	"reflect"
	"testing"
)

// fill returns a Config whose every number is n.
func fill(n int64) Config {
	var cfg Config
	for v, i := reflect.ValueOf(&cfg).Elem(), 0; i < v.NumField(); i++ {
		if v.Field(i).CanInt() {
			v.Field(i).SetInt(n)
		}
	}
	return cfg
}

func TestZeroIsTheDefaultAndNegativeIsNone(t *testing.T) {
	for name, tt := range map[string]struct{ given, want Config }{
		"zero":     {Config{}, DefaultConfig()},
		"negative": {fill(-1), Config{}},
		"positive": {fill(9), fill(9)},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewServer(tt.given, &ear{})
			t.Cleanup(func() { _ = s.Close(t.Context()) })
			got := s.Config()
			if got.Logger = nil; got != tt.want {
				t.Errorf("the bounds are %+v, want %+v", got, tt.want)
			}
		})
	}
	defaults := reflect.ValueOf(DefaultConfig())
	for i := range defaults.NumField() {
		if v := defaults.Field(i); v.CanInt() && v.Int() <= 0 {
			t.Errorf("%s has no default", defaults.Type().Field(i).Name)
		}
	}
}
