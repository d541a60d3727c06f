package handlers_test

import (
	"net/http"
	"testing"

	"roomline/handlers"
)

func TestZeroIsTheDefaultAndNegativeIsNone(t *testing.T) {
	for given, shown := range map[int]string{0: "4000", -1: "0", 77: "77"} {
		s := serve(t, func(c *handlers.Config) { c.TextLength = given })
		s.member("ann").get("/rooms/lobby").wants(http.StatusOK).shows(`data-text-length="` + shown + `"`)
	}
}
