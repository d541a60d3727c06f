// Package options gives the numbers of options structs one meaning: 0 is the default, a negative number is none.
package options

import (
	"fmt"
	"math"
	"reflect"
)

// Resolve returns the bounds that are in force: a field of given that is 0 is that of defaults, and one that is negative
// is 0, which stands for none from there on. It looks at signed integers, durations and floats, also within structs, and
// leaves other fields as they are given. The error names the field, below name, that is not a finite number.
func Resolve[T any](name string, given, defaults T) (T, error) {
	err := each(name, reflect.ValueOf(&given).Elem(), reflect.ValueOf(defaults), func(field string, value, fallback reflect.Value) error {
		switch n := number(value); {
		case math.IsNaN(n), math.IsInf(n, 0):
			return fmt.Errorf("%s must be a finite number, not %v", field, n)
		case n == 0:
			value.Set(fallback)
		}
		if number(value) < 0 {
			value.SetZero()
		}
		return nil
	})
	return given, err
}

// MustResolve is Resolve for constructors without an error: it panics with it.
func MustResolve[T any](name string, given, defaults T) T {
	resolved, err := Resolve(name, given, defaults)
	if err != nil {
		panic(err)
	}
	return resolved
}

// Explicit turns bounds of which 0 means none into options of which a negative number does: for flags, and to hand
// resolved bounds on.
func Explicit[T any](bounds T) T {
	// The callback fails never.
	_ = each("", reflect.ValueOf(&bounds).Elem(), reflect.ValueOf(bounds), func(_ string, value, _ reflect.Value) error {
		switch {
		case number(value) != 0:
		case value.CanInt():
			value.SetInt(-1)
		default:
			value.SetFloat(-1)
		}
		return nil
	})
	return bounds
}

func number(v reflect.Value) float64 {
	if v.CanInt() {
		return float64(v.Int())
	}
	return v.Float()
}

// each calls f for every exported number of a struct and the structs in it, with the same field of another.
func each(name string, of, other reflect.Value, f func(field string, value, other reflect.Value) error) error {
	for i := range of.NumField() {
		value, field := of.Field(i), name+"."+of.Type().Field(i).Name
		var err error
		switch {
		case !value.CanSet():
		case value.Kind() == reflect.Struct:
			err = each(field, value, other.Field(i), f)
		case value.CanInt(), value.CanFloat():
			err = f(field, value, other.Field(i))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
